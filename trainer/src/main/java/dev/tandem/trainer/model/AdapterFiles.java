package dev.tandem.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads and writes a LoRA adapter in the layout of PEFT. */
final class AdapterFiles {

  static final String CONFIG = "adapter_config.json";
  static final String WEIGHTS = "adapter_model.safetensors";

  private AdapterFiles() {}

  /** Weights first: a folder with a configuration is complete. */
  static void write(Path directory, String base, ModelSpec spec, Adapter adapter) {
    Map<String, SafetensorsWriter.Tensor> tensors = new TreeMap<>();
    for (WeightLayout.Slot slot : AdapterLayout.of(spec, adapter.settings()).slots()) {
      float[] values = adapter.values().get(slot.name());
      if (values != null) {
        tensors.put(slot.name(), new SafetensorsWriter.Tensor(slot.dimensions(), values));
      }
    }
    SafetensorsWriter.write(directory.resolve(WEIGHTS), tensors, Map.of("format", "pt"));
    AtomicFiles.write(directory.resolve(CONFIG), JsonFiles.bytes(config(base, adapter.settings())));
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

  static Adapter read(Path directory, ModelSpec spec) {
    Path file = directory.resolve(CONFIG);
    LoraSettings lora = settings(file, JsonFiles.read(file));
    List<WeightLayout.Slot> slots = AdapterLayout.of(spec, lora).slots();
    try (Safetensors saved = Safetensors.open(directory.resolve(WEIGHTS))) {
      check(saved, slots);
      Map<String, float[]> values = new HashMap<>();
      slots.forEach(slot -> values.put(slot.name(), saved.read(slot.name())));
      return new Adapter(lora, values);
    }
  }

  private static LoraSettings settings(Path file, JsonNode json) {
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
}
