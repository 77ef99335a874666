package dev.tandem.trainer.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.CheckpointFiles;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.file.Safetensors;
import dev.tandem.trainer.model.file.SafetensorsWriter;
import dev.tandem.trainer.model.shape.AdapterLayout;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.WeightLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A LoRA adapter on disk, in PEFT's layout: adapter_config.json and adapter_model.safetensors,
 * whose tensors are named {@code base_model.model.<module>.lora_A.weight} and {@code lora_B}.
 *
 * @param directory where both lie
 */
public record AdapterFiles(Path directory) {

  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";

  /** Whether a directory holds an adapter. */
  public static boolean isIn(Path directory) {
    return Files.exists(directory.resolve(WEIGHTS));
  }

  /**
   * Writes an adapter; the weights first, so that a folder with a configuration is complete.
   *
   * @param base name of the model that the adapter belongs to
   * @param weights laid out by {@link AdapterLayout}
   */
  public void write(String base, LoraSettings lora, FusedTensors weights) {
    SafetensorsWriter.write(
        directory.resolve(WEIGHTS), weights.byName(ElementType.F32), Map.of("format", "pt"));
    CheckpointFiles.write(directory.resolve(CONFIG), JsonFiles.bytes(config(base, lora)));
  }

  private static ObjectNode config(String base, LoraSettings lora) {
    ObjectNode json = JsonFiles.MAPPER.createObjectNode();
    json.put("peft_type", "LORA");
    json.put("task_type", "CAUSAL_LM");
    json.put("base_model_name_or_path", base);
    json.put("r", lora.rank());
    json.put("lora_alpha", lora.alpha());
    json.put("lora_dropout", 0.0);
    json.put("bias", "none");
    json.put("fan_in_fan_out", false);
    json.put("use_rslora", false);
    json.put("use_dora", false);
    json.put("inference_mode", true);
    var targets = json.putArray("target_modules");
    lora.targets().forEach(target -> targets.add(target.moduleName()));
    return json;
  }

  /**
   * Reads an adapter for a model.
   *
   * @throws CheckpointException when it is damaged, belongs to another shape of model, or asks for
   *     something that is not computed here
   */
  public Adapter read(ModelSpec spec) {
    LoraSettings lora = settings();
    WeightLayout layout = AdapterLayout.of(spec, lora);
    Path file = directory.resolve(WEIGHTS);
    try (Safetensors saved = Safetensors.open(file)) {
      check(saved, layout.slots());
    }
    return new Adapter(
        lora,
        scope -> {
          try (Safetensors saved = Safetensors.open(file)) {
            return FusedTensors.load(layout, saved, ElementType.F32, scope);
          }
        });
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

  /** What adapter_config.json says, once everything that is not plain LoRA is refused. */
  private LoraSettings settings() {
    Path file = directory.resolve(CONFIG);
    JsonNode json = config();
    refuseUnless(file, json.path("peft_type").asText("LORA").equals("LORA"), "peft_type", json);
    refuseUnless(file, json.path("bias").asText("none").equals("none"), "bias", json);
    for (String flag : List.of("use_rslora", "use_dora", "fan_in_fan_out")) {
      refuseUnless(file, !json.path(flag).asBoolean(false), flag, json);
    }
    for (String key :
        List.of(
            "rank_pattern",
            "alpha_pattern",
            "modules_to_save",
            "layers_to_transform",
            "target_parameters",
            "exclude_modules")) {
      JsonNode value = json.path(key);
      boolean unset = value.isNull() || (!value.isValueNode() && value.isEmpty());
      refuseUnless(file, unset, key, json);
    }
    List<String> targets = new ArrayList<>();
    JsonNode modules = json.path("target_modules");
    if (modules.isTextual()) {
      targets.add(modules.asText());
    }
    modules.forEach(one -> targets.add(one.asText()));
    try {
      return LoraSettings.of(json.path("r").asInt(0), json.path("lora_alpha").asDouble(0), targets);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file, e.getMessage() + "; correct the file", e);
    }
  }

  private static void refuseUnless(Path file, boolean supported, String key, JsonNode json) {
    if (!supported) {
      throw new CheckpointException(
          file,
          "%s = %s is not supported; train the adapter as plain LoRA, or merge it elsewhere"
              .formatted(key, json.path(key)));
    }
  }

  /** Lists everything that is wrong at once. */
  private static void check(Safetensors saved, List<WeightLayout.Slot> slots) {
    List<String> problems = new ArrayList<>();
    Set<String> unknown = new TreeSet<>(saved.entries().keySet());
    for (WeightLayout.Slot slot : slots) {
      unknown.remove(slot.name());
      Safetensors.Entry entry = saved.entries().get(slot.name());
      if (entry == null) {
        problems.add("missing " + slot.name());
      } else if (!entry.shape().equals(slot.shape())) {
        problems.add(
            "%s has shape %s where the model asks for %s"
                .formatted(slot.name(), entry.shape(), slot.shape()));
      }
    }
    unknown.forEach(name -> problems.add("unknown " + name));
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          saved.file(),
          "the adapter doesn't fit (%s); name the model that it was trained on"
              .formatted(String.join("; ", problems)));
    }
  }

  private ObjectNode config() {
    Path file = directory.resolve(CONFIG);
    if (JsonFiles.read(file) instanceof ObjectNode config) {
      return config;
    }
    throw new CheckpointException(file, "is not a JSON object; copy the file again");
  }
}
