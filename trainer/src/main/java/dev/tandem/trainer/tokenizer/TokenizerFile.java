package dev.tandem.trainer.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.shape.DecoderInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** What Tandem itself needs to know of a tokenizer.json. */
public final class TokenizerFile {

  public static final String NAME = "tokenizer.json";

  private final Path path;
  private final JsonNode json;
  private final Map<String, Integer> vocabulary;
  private final Map<String, Integer> added;
  private final Map<String, Integer> special;

  private TokenizerFile(Path path, JsonNode json) {
    this.path = path;
    this.json = json;
    vocabulary = new LinkedHashMap<>();
    added = new LinkedHashMap<>();
    special = new LinkedHashMap<>();
    JsonNode words = json.path("model").path("vocab");
    if (words.isObject()) {
      words.properties().forEach(p -> vocabulary.put(p.getKey(), id(p.getKey(), p.getValue())));
    }
    for (JsonNode token : json.path("added_tokens")) {
      String content = token.path("content").asText();
      added.put(content, id(content, token.path("id")));
      if (token.path("special").asBoolean()) {
        special.put(content, token.path("id").intValue());
      }
    }
    if (vocabulary.isEmpty() && !words.isArray()) {
      throw new CheckpointException(path, "has no model.vocab; name a tokenizer.json");
    }
  }

  public static TokenizerFile read(Path path) {
    return new TokenizerFile(path, JsonFiles.read(path));
  }

  /** A file that is not on disk yet, see {@link #wordLevel}. */
  static TokenizerFile ofWords(List<String> specials, List<String> words) {
    return new TokenizerFile(Path.of(NAME), wordLevel(specials, words));
  }

  private int id(String token, JsonNode value) {
    if (!value.isInt() || value.intValue() < 0) {
      throw new CheckpointException(
          path, "token \"%s\" has id %s; copy the file again".formatted(token, value));
    }
    return value.intValue();
  }

  Path path() {
    return path;
  }

  Map<String, Integer> vocabulary() {
    return vocabulary;
  }

  Map<String, Integer> added() {
    return added;
  }

  Map<String, Integer> special() {
    return special;
  }

  /** Unigram models list [token, score] pairs, every other model maps tokens to ids. */
  public int vocabularySize() {
    int size = json.path("model").path("vocab").size();
    for (int id : vocabulary.values()) {
      size = Math.max(size, id + 1);
    }
    for (int id : added.values()) {
      size = Math.max(size, id + 1);
    }
    return size;
  }

  /** The id of an added token that is marked as special. */
  public OptionalInt specialId(String token) {
    Integer id = special.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  String unknownToken() {
    return json.path("model").path("unk_token").asText("");
  }

  /** Whether encoding is no more than: cut out added tokens, split at white space, look up. */
  boolean isPlainWordLevel() {
    boolean plain =
        json.path("model").path("type").asText().equals("WordLevel")
            && json.path("pre_tokenizer").path("type").asText().equals("WhitespaceSplit")
            && json.path("normalizer").isNull()
            && json.path("post_processor").isNull()
            && json.path("decoder").isNull()
            && json.path("truncation").isNull()
            && json.path("padding").isNull()
            && vocabulary.containsKey(unknownToken());
    for (JsonNode token : json.path("added_tokens")) {
      for (String flag : new String[] {"single_word", "lstrip", "rstrip", "normalized"}) {
        plain &= !token.path(flag).asBoolean();
      }
    }
    return plain;
  }

  /**
   * Returns tokenizer.json for a tokenizer that knows {@code words}, split at white space, and
   * nothing else.
   *
   * @param specials special tokens; they get ids 2 and up, after {@code <|pad|>} and {@code
   *     <|unk|>}
   * @param words ordinary words, in the order of their ids
   */
  static ObjectNode wordLevel(List<String> specials, List<String> words) {
    List<String> specialTokens =
        new ArrayList<>(List.of(WordLevelTokenizer.PAD, WordLevelTokenizer.UNKNOWN));
    specialTokens.addAll(specials);
    Set<String> tokens = new LinkedHashSet<>();
    for (String token : specialTokens) {
      requireNew(tokens, token);
    }
    for (String word : words) {
      requireNew(tokens, word);
    }
    ObjectNode json = JsonFiles.MAPPER.createObjectNode();
    json.put("version", "1.0");
    json.putNull("truncation");
    json.putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    for (int id = 0; id < specialTokens.size(); id++) {
      ObjectNode token = added.addObject();
      token.put("id", id);
      token.put("content", specialTokens.get(id));
      for (String flag : new String[] {"single_word", "lstrip", "rstrip", "normalized"}) {
        token.put(flag, false);
      }
      token.put("special", true);
    }
    json.putNull("normalizer");
    json.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
    json.putNull("post_processor");
    json.putNull("decoder");
    ObjectNode model = json.putObject("model");
    model.put("type", "WordLevel");
    ObjectNode vocabulary = model.putObject("vocab");
    int id = 0;
    for (String token : tokens) {
      vocabulary.put(token, id++);
    }
    model.put("unk_token", WordLevelTokenizer.UNKNOWN);
    return json;
  }

  private static void requireNew(Set<String> tokens, String token) {
    if (token.isEmpty() || token.codePoints().anyMatch(WordLevelTokenizer::isSpace)) {
      throw new DecoderInputException(
          "\"%s\" cannot be a token; use words without white space".formatted(token));
    }
    if (!tokens.add(token)) {
      throw new DecoderInputException(
          "the token \"%s\" is listed twice; list it once".formatted(token));
    }
  }
}
