package dev.tandem.trainer.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.shape.DecoderInputException;
import java.io.IOException;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Any tokenizer.json, through Hugging Face's tokenizers library; needs no network. */
public final class HuggingFaceTextTokenizer implements TextTokenizer {

  private final HuggingFaceTokenizer tokenizer;
  private final int vocabularySize;
  private final Map<String, Integer> special;

  HuggingFaceTextTokenizer(TokenizerFile file) {
    vocabularySize = file.vocabularySize();
    special = Map.copyOf(file.special());
    try {
      tokenizer =
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(file.path())
              .optAddSpecialTokens(false)
              .optTruncation(false)
              .optPadding(false)
              .build();
    } catch (IOException e) {
      throw new CheckpointException(
          file.path(), "the tokenizers library refused it (" + e.getMessage() + ")", e);
    }
  }

  @Override
  public int[] encode(String text) {
    return LongStream.of(tokenizer.encode(text).getIds()).mapToInt(Math::toIntExact).toArray();
  }

  @Override
  public String decode(int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= vocabularySize) {
        throw new DecoderInputException(
            "token id %d is outside the tokenizer's vocabulary of %d"
                .formatted(id, vocabularySize));
      }
    }
    return tokenizer.decode(
        IntStream.of(ids).asLongStream().toArray(), /* skipSpecialTokens= */ false);
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public Map<String, Integer> specialTokens() {
    return special;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
