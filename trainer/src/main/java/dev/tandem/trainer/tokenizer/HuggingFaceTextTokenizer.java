package dev.tandem.trainer.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/** Any tokenizer.json, through Hugging Face's own tokenizers library. */
final class HuggingFaceTextTokenizer implements TextTokenizer {
  private final HuggingFaceTokenizer tokenizer;
  private final Map<String, Integer> addedTokens;
  private final int vocabularySize;

  private HuggingFaceTextTokenizer(
      HuggingFaceTokenizer tokenizer, Map<String, Integer> addedTokens, int vocabularySize) {
    this.tokenizer = tokenizer;
    this.addedTokens = addedTokens;
    this.vocabularySize = vocabularySize;
  }

  static HuggingFaceTextTokenizer load(Path file) throws IOException {
    JsonNode root = new ObjectMapper().readTree(file.toFile());
    Map<String, Integer> added = new HashMap<>();
    int highest = -1;
    for (JsonNode token : root.path("added_tokens")) {
      added.put(token.path("content").asText(), token.path("id").asInt());
      highest = Math.max(highest, token.path("id").asInt());
    }
    for (JsonNode id : root.path("model").path("vocab")) {
      highest = Math.max(highest, id.isInt() ? id.intValue() : -1);
    }
    try {
      return new HuggingFaceTextTokenizer(
          HuggingFaceTokenizer.newInstance(
              file, Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false")),
          added,
          highest + 1);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  public int[] encode(String text) {
    return Arrays.stream(tokenizer.encode(text, false, false).getIds())
        .mapToInt(Math::toIntExact)
        .toArray();
  }

  @Override
  public String decode(int[] ids) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), false);
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public OptionalInt specialTokenId(String token) {
    Integer id = addedTokens.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }
}
