package dev.tandem.trainer.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.tokenizer.TokenizerConfig;
import dev.tandem.trainer.tokenizer.TokenizerFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The ids of a checkpoint's special tokens, which up to three of its files state: config.json,
 * generation_config.json, which holds where both do, and the tokenizer's.
 */
final class SpecialIds {
  private static final String CONFIG = "config.json";
  private static final String GENERATION_CONFIG = "generation_config.json";
  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  private static final String END = "eos_token_id";

  private final Path directory;

  SpecialIds(Path directory) {
    this.directory = directory;
  }

  /** The ids that end a response: generation_config.json's, else config.json's; possibly none. */
  List<Integer> ends() {
    List<Integer> ids = of(GENERATION_CONFIG, END);
    return ids.isEmpty() ? of(CONFIG, END) : ids;
  }

  /**
   * Refuses ids that end a response and cannot both be meant.
   *
   * @param vocabulary rows of the embedding
   * @throws CheckpointException with the keys and values at fault
   */
  void check(int vocabulary) {
    for (String name : List.of(CONFIG, GENERATION_CONFIG)) {
      for (int id : of(name, END)) {
        if (id < 0 || id >= vocabulary) {
          throw new CheckpointException(
              directory.resolve(name),
              "%s %d is outside vocab_size %d; use the files of one checkpoint"
                  .formatted(END, id, vocabulary));
        }
      }
    }
    List<Integer> model = of(CONFIG, END);
    List<Integer> generation = of(GENERATION_CONFIG, END);
    if (!model.isEmpty() && !generation.isEmpty() && Collections.disjoint(model, generation)) {
      throw new CheckpointException(
          directory.resolve(GENERATION_CONFIG),
          "%s %s contradicts %s %s of %s; correct the one at which responses do not end"
              .formatted(END, shown(generation), END, shown(model), CONFIG));
    }
  }

  /** What does not agree and changes nothing that is computed. */
  List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    for (String key : List.of("bos_token_id", "pad_token_id")) {
      List<Integer> model = of(CONFIG, key);
      List<Integer> generation = of(GENERATION_CONFIG, key);
      if (!model.isEmpty() && !generation.isEmpty() && !model.equals(generation)) {
        remarks.add(
            "%s is %s in %s and %s in %s; neither is used here"
                .formatted(key, shown(model), CONFIG, shown(generation), GENERATION_CONFIG));
      }
    }
    List<Integer> ends = ends();
    endOfTokenizer()
        .ifPresent(
            id -> {
              if (!ends.isEmpty() && !ends.contains(id)) {
                remarks.add(
                    "eos_token of %s is %d and %s is %s; responses in a conversation end at either"
                        .formatted(TOKENIZER_CONFIG, id, END, shown(ends)));
              }
            });
    return remarks;
  }

  private OptionalInt endOfTokenizer() {
    String token = TokenizerConfig.read(directory).specialTokens().get("eos_token");
    Path file = directory.resolve(TokenizerFile.NAME);
    return token == null || !Files.exists(file)
        ? OptionalInt.empty()
        : TokenizerFile.read(file).specialId(token);
  }

  private List<Integer> of(String name, String key) {
    Path file = directory.resolve(name);
    if (!Files.exists(file)) {
      return List.of();
    }
    JsonNode ids = JsonFiles.read(file).path(key);
    if (ids.isNull() || ids.isMissingNode()) {
      return List.of();
    }
    List<JsonNode> each =
        ids.isArray() ? IntStream.range(0, ids.size()).mapToObj(ids::get).toList() : List.of(ids);
    for (JsonNode id : each) {
      if (!id.isInt()) {
        throw new CheckpointException(
            file,
            "%s must be an id or a list of ids, was %s; correct the file".formatted(key, ids));
      }
    }
    return each.stream().map(JsonNode::intValue).toList();
  }

  private static String shown(List<Integer> ids) {
    return ids.size() == 1 ? ids.getFirst().toString() : ids.toString();
  }
}
