package dev.tandem.trainer.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/** Text to token ids and back. Implementations are safe to use from several threads. */
public interface TextTokenizer {
  /** The tokenizer's file in a checkpoint. */
  String FILE = "tokenizer.json";

  /**
   * Ids of the text, nothing added before or after; special tokens written in the text become their
   * ids.
   */
  int[] encode(String text);

  /** Text of the ids, special tokens included. */
  String decode(int[] ids);

  /** One more than the highest id. */
  int vocabularySize();

  /** Id of a token such as {@code <|end|>}; empty if the vocabulary has no such token. */
  OptionalInt specialTokenId(String token);

  /**
   * The tokenizer of a checkpoint's folder: the fast one for word-level vocabularies, Hugging
   * Face's own for all others.
   *
   * @throws TokenizerException if tokenizer.json is missing or damaged
   */
  static TextTokenizer load(Path checkpoint) {
    Path file = checkpoint.resolve(FILE);
    try {
      String json = Files.readString(file);
      return WordLevelTokenizer.isWordLevel(json)
          ? WordLevelTokenizer.parse(json)
          : HuggingFaceTextTokenizer.load(file);
    } catch (IOException e) {
      throw new TokenizerException(
          file + " is missing or unreadable: name the folder of a complete checkpoint", e);
    } catch (IllegalArgumentException e) {
      throw new TokenizerException(
          "%s is damaged (%s): copy it again".formatted(file, e.getMessage()), e);
    }
  }
}
