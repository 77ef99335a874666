package dev.tandem.trainer.tokenizer;

import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.shape.DecoderInputException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Text to token ids and back.
 *
 * <p>Special tokens written out in the text are recognised; none are added. Implementations may be
 * used from many threads.
 */
public interface TextTokenizer extends AutoCloseable {

  /** Returns the text's token ids, special tokens in it included. */
  int[] encode(String text);

  /** Returns the same with the place of each token in the text. */
  PlacedTokens place(String text);

  /**
   * Returns the ids' text, special tokens included.
   *
   * @throws DecoderInputException when an id is outside the vocabulary
   */
  String decode(int[] ids);

  /**
   * Returns the largest id plus one, added tokens included: the fewest rows that an embedding
   * needs.
   */
  int vocabularySize();

  /** Returns the ids of the special tokens by their text. */
  Map<String, Integer> specialTokens();

  /**
   * Returns one special token's id.
   *
   * @throws DecoderInputException when the tokenizer has no such special token
   */
  default int specialToken(String text) {
    Integer id = specialTokens().get(text);
    if (id == null) {
      throw new DecoderInputException(
          "the tokenizer has no special token \"%s\"; it has %s"
              .formatted(text, specialTokens().keySet()));
    }
    return id;
  }

  /**
   * Returns the text of what a model said: as {@link #decode}, but ids at or beyond {@link
   * #vocabularySize} have no text. They are rows with which a model's embedding was padded.
   *
   * @throws DecoderInputException when an id is negative
   */
  default String text(int[] ids) {
    int size = vocabularySize();
    return decode(IntStream.of(ids).filter(id -> id < size).toArray());
  }

  /** Returns a stream that turns tokens into text as they come. */
  default TextStream stream() {
    return new TextStream(this);
  }

  /** Frees native memory, if there is any. */
  @Override
  void close();

  /**
   * Loads tokenizer.json of a checkpoint directory: in pure Java where that is exact, else through
   * Hugging Face's tokenizers library.
   *
   * @throws CheckpointException when the file is missing or damaged
   */
  static TextTokenizer load(Path directory) {
    TokenizerFile file = TokenizerFile.read(directory.resolve(TokenizerFile.NAME));
    return file.isPlainWordLevel()
        ? new WordLevelTokenizer(file)
        : new HuggingFaceTextTokenizer(file);
  }
}
