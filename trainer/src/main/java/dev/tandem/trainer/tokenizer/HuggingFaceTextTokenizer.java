package dev.tandem.trainer.tokenizer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
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
  public PlacedTokens place(String text) {
    Encoding encoding = tokenizer.encode(text);
    int[] ids = LongStream.of(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
    CharSpan[] spans = encoding.getCharTokenSpans();
    int[] chars = charsOfCodePoints(text);
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      CharSpan span = spans[i];
      starts[i] = span == null ? 0 : chars[span.getStart()];
      ends[i] = span == null ? 0 : chars[span.getEnd()];
    }
    return new PlacedTokens(ids, starts, ends);
  }

  /** The library counts code points: for each the place of its first char, and the text's end. */
  private static int[] charsOfCodePoints(String text) {
    int[] chars = new int[text.codePointCount(0, text.length()) + 1];
    for (int i = 1; i < chars.length; i++) {
      chars[i] = text.offsetByCodePoints(chars[i - 1], 1);
    }
    return chars;
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
