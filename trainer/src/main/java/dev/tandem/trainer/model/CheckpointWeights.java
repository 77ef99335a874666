package dev.tandem.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads and writes a model's weights as the safetensors files of a Hugging Face directory. */
final class CheckpointWeights {

  static final String SINGLE_FILE = "model.safetensors";
  static final String SHARD_INDEX = "model.safetensors.index.json";
  private static final String OUTPUT_PROJECTION = "lm_head.weight";

  private CheckpointWeights() {}

  /** Reads exactly the tensors that {@code spec} needs, from one file or from shards. */
  static Map<String, float[]> read(Path directory, ModelSpec spec) {
    List<WeightLayout.Slot> slots = WeightLayout.of(spec).slotsByName();
    List<Path> files = files(directory);
    Map<String, float[]> values = new HashMap<>();
    Map<String, List<Long>> shapes = new HashMap<>();
    Set<String> wanted = slots.stream().map(WeightLayout.Slot::name).collect(Collectors.toSet());
    for (Path file : files) {
      try (Safetensors tensors = Safetensors.open(file)) {
        tensors
            .entries()
            .forEach(
                (name, entry) -> {
                  if (shapes.put(name, entry.shape()) != null) {
                    throw new CheckpointException(
                        file, "tensor " + name + " is in another shard too; copy the files again");
                  }
                  if (wanted.contains(name)) {
                    values.put(name, tensors.read(name));
                  }
                });
      }
    }
    check(directory, spec, slots, shapes);
    return values;
  }

  static void write(Path directory, Weights weights) {
    Map<String, long[]> shapes = new HashMap<>();
    weights.layout().slots().forEach(slot -> shapes.put(slot.name(), slot.dimensions()));
    Map<String, SafetensorsWriter.Tensor> tensors = new TreeMap<>();
    for (Map.Entry<String, float[]> entry : weights.split().entrySet()) {
      long[] shape = shapes.get(entry.getKey());
      if (shape != null) {
        tensors.put(entry.getKey(), new SafetensorsWriter.Tensor(shape, entry.getValue()));
      }
    }
    SafetensorsWriter.write(directory.resolve(SINGLE_FILE), tensors, Map.of("format", "pt"));
  }

  private static List<Path> files(Path directory) {
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
    return names.stream().map(directory::resolve).toList();
  }

  /** Lists everything that is wrong at once. */
  private static void check(
      Path directory,
      ModelSpec spec,
      List<WeightLayout.Slot> slots,
      Map<String, List<Long>> shapes) {
    List<String> problems = new ArrayList<>();
    Set<String> extra = new HashSet<>(shapes.keySet());
    for (WeightLayout.Slot slot : slots) {
      List<Long> expected = slot.shape();
      List<Long> actual = shapes.get(slot.name());
      extra.remove(slot.name());
      if (actual == null) {
        problems.add("missing " + slot.name());
      } else if (!actual.equals(expected)) {
        problems.add(
            "%s has shape %s where config.json asks for %s"
                .formatted(slot.name(), actual, expected));
      }
    }
    if (spec.tiedEmbeddings()) {
      extra.remove(OUTPUT_PROJECTION); // some writers store the tied matrix twice
    }
    new TreeSet<>(extra).forEach(name -> problems.add("unknown " + name));
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          directory,
          "the tensors don't match config.json (%s); use a config.json and weights of one checkpoint"
              .formatted(String.join("; ", problems)));
    }
  }
}
