package dev.tandem.trainer.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.IntStream;

/**
 * Words between white space, one id each: tokenizer.json files whose model is WordLevel and whose
 * pre-tokenizer is WhitespaceSplit. It gives what Hugging Face's library gives, without a native
 * call for each of thousands of short prompts a second.
 */
public final class WordLevelTokenizer implements TextTokenizer {
  /** Id 0, for padding. */
  public static final String PAD = "<|pad|>";

  /** Id 1, for words outside the vocabulary. */
  public static final String UNKNOWN = "<|unk|>";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> words;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Set<String> special;
  private final int unknown;

  private WordLevelTokenizer(List<String> words, Set<String> special, String unknownWord) {
    this.words = List.copyOf(words);
    this.special = Set.copyOf(special);
    for (int id = 0; id < words.size(); id++) {
      ids.put(words.get(id), id);
    }
    Integer id = ids.get(unknownWord);
    if (id == null) {
      throw new IllegalArgumentException("its unk_token " + unknownWord + " is not in its vocab");
    }
    unknown = id;
  }

  /** A vocabulary of padding, unknown, the special tokens and the words, in this order. */
  public static WordLevelTokenizer of(List<String> specialTokens, List<String> words) {
    Set<String> special = new LinkedHashSet<>(List.of(PAD, UNKNOWN));
    special.addAll(specialTokens);
    Set<String> all = new LinkedHashSet<>(special);
    all.addAll(words);
    return new WordLevelTokenizer(List.copyOf(all), special, UNKNOWN);
  }

  static boolean isWordLevel(String json) {
    JsonNode root = tree(json);
    return root.path("model").path("type").asText().equals("WordLevel")
        && root.path("pre_tokenizer").path("type").asText().equals("WhitespaceSplit")
        && root.path("normalizer").isNull()
        && root.path("post_processor").isNull();
  }

  static WordLevelTokenizer parse(String json) {
    JsonNode root = tree(json);
    Map<Integer, String> byId = new HashMap<>();
    root.path("model")
        .path("vocab")
        .properties()
        .forEach(entry -> byId.put(entry.getValue().asInt(), entry.getKey()));
    Set<String> special = new LinkedHashSet<>();
    for (JsonNode token : root.path("added_tokens")) {
      byId.put(token.path("id").asInt(), token.path("content").asText());
      special.add(token.path("content").asText());
    }
    List<String> words = new ArrayList<>();
    for (int id = 0; id < byId.size(); id++) {
      String word = byId.get(id);
      if (word == null) {
        throw new IllegalArgumentException("its vocab has no token with id " + id);
      }
      words.add(word);
    }
    return new WordLevelTokenizer(words, special, root.path("model").path("unk_token").asText());
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The text of a tokenizer.json that this class and Hugging Face's library read alike. */
  public String toJson() {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    ObjectNode vocabulary = JSON.createObjectNode();
    for (int id = 0; id < words.size(); id++) {
      vocabulary.put(words.get(id), id);
      if (special.contains(words.get(id))) {
        added
            .addObject()
            .put("id", id)
            .put("content", words.get(id))
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", true);
      }
    }
    root.putNull("normalizer");
    root.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
    root.putNull("post_processor").putNull("decoder");
    root.putObject("model")
        .put("type", "WordLevel")
        .put("unk_token", words.get(unknown))
        .set("vocab", vocabulary);
    return root.toPrettyString() + "\n";
  }

  @Override
  public int[] encode(String text) {
    IntStream.Builder encoded = IntStream.builder();
    int start = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean space = i == text.length() || Character.isWhitespace(text.charAt(i));
      if (!space && start < 0) {
        start = i;
      } else if (space && start >= 0) {
        encoded.add(ids.getOrDefault(text.substring(start, i), unknown));
        start = -1;
      }
    }
    return encoded.build().toArray();
  }

  @Override
  public String decode(int[] encoded) {
    StringJoiner text = new StringJoiner(" ");
    for (int id : encoded) {
      text.add(words.get(id));
    }
    return text.toString();
  }

  @Override
  public int vocabularySize() {
    return words.size();
  }

  @Override
  public OptionalInt specialTokenId(String token) {
    return special.contains(token)
        ? OptionalInt.of(ids.getOrDefault(token, unknown))
        : OptionalInt.empty();
  }
}
