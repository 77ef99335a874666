package dev.tandem.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A LoRA adapter on disk, in PEFT's layout: adapter_config.json and adapter_model.safetensors,
 * whose tensors are named {@code base_model.model.<module>.lora_A.weight} and {@code lora_B}.
 *
 * @param directory where both lie
 */
public record PeftAdapter(Path directory) {

  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final Pattern NAME =
      Pattern.compile("base_model\\.model\\.(.+)\\.lora_([AB])\\.weight");

  /** Names of the files. */
  public static final List<String> NAMES = List.of(CONFIG, WEIGHTS);

  /** Whether a directory holds an adapter. */
  public static boolean isIn(Path directory) {
    return Files.exists(directory.resolve(WEIGHTS));
  }

  /**
   * Copies the adapter, naming the model that it adapts.
   *
   * @throws CheckpointException when a file cannot be read or written
   */
  public void copy(Path target, String baseModel) {
    ObjectNode config = config();
    config.put("base_model_name_or_path", baseModel);
    CheckpointFiles.write(target.resolve(CONFIG), JsonFiles.bytes(config));
    try {
      Files.copy(directory.resolve(WEIGHTS), target.resolve(WEIGHTS));
    } catch (IOException e) {
      throw new CheckpointException(
          target.resolve(WEIGHTS), "cannot be written (" + e.getMessage() + "); check space", e);
    }
  }

  /**
   * Merges the adapter into a base model's weights, one matrix at a time: W + (alpha / rank) B A in
   * single precision, then rounded to the format's type.
   *
   * @param base the model that it adapts
   * @param target where to; may exist
   * @throws CheckpointException when the adapter does not fit the model, or is of a kind that
   *     cannot be merged
   */
  public void merge(HfCheckpoint base, Path target, WeightFormat format) {
    double scale = scale();
    try (CheckpointWeights weights = CheckpointWeights.open(base.directory(), base.spec());
        Safetensors adapter = Safetensors.open(directory.resolve(WEIGHTS))) {
      Map<String, SafetensorsWriter.Tensor> merged = new TreeMap<>(weights.byName(format.type()));
      List<String> problems = new ArrayList<>();
      for (Safetensors.Entry b : adapter.entries().values()) {
        Matcher name = NAME.matcher(b.name());
        if (!name.matches()) {
          problems.add("unknown " + b.name());
        } else if (name.group(2).equals("B")) {
          String adapted = name.group(1) + ".weight";
          Safetensors.Entry a = adapter.entries().get(b.name().replace(".lora_B.", ".lora_A."));
          SafetensorsWriter.Tensor matrix = merged.get(adapted);
          if (a == null || matrix == null || !fits(matrix.shape(), a.shape(), b.shape())) {
            problems.add(
                "%s %s and its lora_A %s don't fit %s %s"
                    .formatted(
                        b.name(),
                        b.shape(),
                        a == null ? "(absent)" : a.shape(),
                        adapted,
                        matrix == null ? "(absent)" : matrix.shape()));
          } else {
            merged.put(
                adapted,
                new SafetensorsWriter.Tensor(
                    format.type(),
                    matrix.shape(),
                    sink ->
                        TensorTransfer.shared()
                            .mergeLowRank(
                                weights.tensor(adapted),
                                matrix(adapter, a),
                                matrix(adapter, b),
                                scale,
                                format.type(),
                                sink)));
          }
        }
      }
      if (!problems.isEmpty()) {
        throw new CheckpointException(
            directory.resolve(WEIGHTS),
            "does not fit %s (%s); name the model that it was trained on"
                .formatted(base.directory(), Listing.of(problems)));
      }
      WeightFiles.write(target, merged, format.maxShardBytes());
    }
  }

  private static boolean fits(List<Long> matrix, List<Long> a, List<Long> b) {
    return matrix.size() == 2
        && a.size() == 2
        && b.size() == 2
        && a.get(0).equals(b.get(1))
        && matrix.get(0).equals(b.get(0))
        && matrix.get(1).equals(a.get(1));
  }

  private static TensorTransfer.Matrix matrix(Safetensors file, Safetensors.Entry entry) {
    return new TensorTransfer.Matrix(
        file.tensor(entry.name()), entry.shape().get(0), entry.shape().get(1));
  }

  private double scale() {
    ObjectNode config = config();
    for (String key : List.of("use_dora", "use_rslora", "fan_in_fan_out")) {
      if (config.path(key).asBoolean(false)) {
        throw unsupported(key);
      }
    }
    for (String key : List.of("rank_pattern", "alpha_pattern", "modules_to_save")) {
      if (!config.path(key).isEmpty()) {
        throw unsupported(key);
      }
    }
    JsonNode rank = config.path("r");
    JsonNode alpha = config.path("lora_alpha");
    if (!rank.isInt() || rank.intValue() < 1 || !alpha.isNumber()) {
      throw new CheckpointException(
          directory.resolve(CONFIG),
          "states r %s and lora_alpha %s; correct the file".formatted(rank, alpha));
    }
    return alpha.doubleValue() / rank.intValue();
  }

  private CheckpointException unsupported(String key) {
    return new CheckpointException(
        directory.resolve(CONFIG), key + " is not supported; merge the adapter with PEFT");
  }

  private ObjectNode config() {
    Path file = directory.resolve(CONFIG);
    if (JsonFiles.read(file) instanceof ObjectNode config) {
      return config;
    }
    throw new CheckpointException(file, "is not a JSON object; copy the file again");
  }
}
