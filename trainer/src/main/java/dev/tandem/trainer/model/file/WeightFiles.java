package dev.tandem.trainer.model.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The safetensors files of a Hugging Face directory: one, or shards with an index.
 *
 * <p>A set of files replaces another in one step, so that a kill at any instant leaves the old set
 * or the new. A reader takes model.safetensors when it exists, else what the index names.
 * Therefore: new shards get names that no file has; one file's rename (model.safetensors, or the
 * index), or where shards follow a single file its removal, switches to the new set; what the old
 * set leaves over is removed last, and by the next save if that was cut short.
 */
public final class WeightFiles {

  static final String SINGLE_FILE = "model.safetensors";
  static final String SHARD_INDEX = "model.safetensors.index.json";

  private static final Map<String, String> METADATA = Map.of("format", "pt");
  private static final Pattern SHARD =
      Pattern.compile("model(-set\\d+)?-\\d{5,}-of-\\d{5,}\\.safetensors");

  /** What a kill leaves of a file that was being written. */
  private static final Pattern DRAFT =
      Pattern.compile("\\.model.*\\.safetensors.*\\.\\d+-\\d+\\.tmp");

  private WeightFiles() {}

  /**
   * The files that make up a directory's weights.
   *
   * @throws CheckpointException when the index names none, or some that are absent
   */
  public static List<Path> locate(Path directory) {
    Path index = directory.resolve(SHARD_INDEX);
    if (!Files.exists(index) || Files.exists(directory.resolve(SINGLE_FILE))) {
      return List.of(directory.resolve(SINGLE_FILE));
    }
    Set<String> names = new TreeSet<>();
    for (JsonNode name : JsonFiles.read(index).path("weight_map")) {
      names.add(name.asText());
    }
    if (names.isEmpty()) {
      throw new CheckpointException(index, "names no shard in weight_map; copy the file again");
    }
    List<String> absent =
        names.stream().filter(name -> !Files.isRegularFile(directory.resolve(name))).toList();
    if (!absent.isEmpty()) {
      throw new CheckpointException(
          index,
          "names %d of %d shards that are absent (%s); copy them here"
              .formatted(absent.size(), names.size(), Listing.of(absent)));
    }
    return names.stream().map(directory::resolve).toList();
  }

  /** Writes the tensors in place of any weights that the directory holds. */
  public static void write(
      Path directory, Map<String, SafetensorsWriter.Tensor> tensors, long maxShardBytes) {
    Path single = directory.resolve(SINGLE_FILE);
    Path index = directory.resolve(SHARD_INDEX);
    List<Map<String, SafetensorsWriter.Tensor>> shards = cut(tensors, maxShardBytes);
    if (shards.size() <= 1) {
      SafetensorsWriter.write(single, tensors, METADATA);
      remove(directory, Set.of(single));
      return;
    }
    List<Path> files = freeNames(directory, shards.size());
    ObjectNode json = JsonFiles.MAPPER.createObjectNode();
    json.putObject("metadata").put("total_size", bytes(tensors));
    ObjectNode map = json.putObject("weight_map");
    for (int i = 0; i < files.size(); i++) {
      SafetensorsWriter.write(files.get(i), shards.get(i), METADATA);
      String file = files.get(i).getFileName().toString();
      shards.get(i).keySet().forEach(name -> map.put(name, file));
    }
    CheckpointFiles.write(index, JsonFiles.bytes(json));
    Set<Path> kept = new TreeSet<>(files);
    kept.add(index);
    remove(directory, kept);
  }

  /** In the order of names, as many to a shard as fit; one that is larger has its own. */
  private static List<Map<String, SafetensorsWriter.Tensor>> cut(
      Map<String, SafetensorsWriter.Tensor> tensors, long maxShardBytes) {
    List<Map<String, SafetensorsWriter.Tensor>> shards = new ArrayList<>();
    long room = 0;
    for (Map.Entry<String, SafetensorsWriter.Tensor> entry : new TreeMap<>(tensors).entrySet()) {
      long bytes = entry.getValue().bytes();
      if (shards.isEmpty() || bytes > room) {
        shards.add(new TreeMap<>());
        room = maxShardBytes;
      }
      shards.getLast().put(entry.getKey(), entry.getValue());
      room -= bytes;
    }
    return shards;
  }

  private static long bytes(Map<String, SafetensorsWriter.Tensor> tensors) {
    return tensors.values().stream().mapToLong(SafetensorsWriter.Tensor::bytes).sum();
  }

  /** The usual names, or the first numbered ones of which no file exists. */
  private static List<Path> freeNames(Path directory, int count) {
    for (int set = 1; ; set++) {
      String stem = set == 1 ? "model" : "model-set" + set;
      List<Path> names = new ArrayList<>();
      for (int i = 1; i <= count; i++) {
        names.add(directory.resolve("%s-%05d-of-%05d.safetensors".formatted(stem, i, count)));
      }
      if (names.stream().noneMatch(Files::exists)) {
        return names;
      }
    }
  }

  /** Removes all other weights that this class would write; the single file first, it rules. */
  private static void remove(Path directory, Set<Path> kept) {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> stale =
          files
              .filter(file -> !kept.contains(file))
              .filter(file -> isOurs(file.getFileName().toString()))
              .sorted((a, b) -> Boolean.compare(isSingle(b), isSingle(a)))
              .toList();
      for (Path file : stale) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new CheckpointException(
          directory,
          "older weights cannot be removed (%s); check permissions".formatted(e.getMessage()),
          e);
    }
  }

  private static boolean isOurs(String name) {
    return name.equals(SINGLE_FILE)
        || name.equals(SHARD_INDEX)
        || SHARD.matcher(name).matches()
        || DRAFT.matcher(name).matches();
  }

  private static boolean isSingle(Path file) {
    return file.endsWith(SINGLE_FILE);
  }
}
