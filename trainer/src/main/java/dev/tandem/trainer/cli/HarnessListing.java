package dev.tandem.trainer.cli;

import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessChange;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.trainer.io.ResultJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Harnesses and their differences as text for people and as JSON for scripts. */
final class HarnessListing {
  private HarnessListing() {}

  static String text(Harness harness, ProcessorRegistry registry) {
    StringBuilder text = new StringBuilder("hash %s\n".formatted(harness.hash()));
    if (!harness.config().description().isEmpty()) {
      text.append(harness.config().description().strip()).append('\n');
    }
    text.append("slots\n");
    harness
        .config()
        .slots()
        .toMap()
        .forEach((name, value) -> text.append("  %-16s%s\n".formatted(name, shown(value))));
    text.append("processors\n");
    for (ProcessorSpec spec : harness.config().processors()) {
      ProcessorType type = registry.resolve(spec);
      text.append("  %s (%s): %s\n".formatted(type.id(), id(type.dimension()), type.summary()));
      registry
          .complete(spec)
          .parameters()
          .forEach((name, value) -> text.append("    %s = %s\n".formatted(name, block(value))));
    }
    text.append("order\n");
    for (Hook hook : Hook.values()) {
      if (!harness.chain(hook).isEmpty()) {
        text.append("  %-16s%s\n".formatted(hook.id(), String.join(", ", names(harness, hook))));
      }
    }
    return text.toString().stripTrailing();
  }

  static Map<String, Object> json(Harness harness, ProcessorRegistry registry) {
    Map<String, Object> hooks = new LinkedHashMap<>();
    for (Hook hook : Hook.values()) {
      hooks.put(hook.id(), names(harness, hook));
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("hash", harness.hash());
    result.put("description", harness.config().description());
    result.put("contract", harness.config().contract());
    result.put("slots", harness.config().slots().toMap());
    result.put(
        "processors",
        harness.config().processors().stream().map(spec -> json(spec, registry)).toList());
    result.put("hooks", hooks);
    return result;
  }

  private static Map<String, Object> json(ProcessorSpec spec, ProcessorRegistry registry) {
    ProcessorType type = registry.resolve(spec);
    Map<String, Object> processor = new LinkedHashMap<>();
    processor.put("id", type.id());
    processor.put("type", spec.type());
    processor.put("group", type.group());
    processor.put("dimension", id(type.dimension()));
    processor.put("order", type.order());
    processor.put("parameters", registry.complete(spec).parameters());
    return processor;
  }

  /** One change, its kind first. */
  static Map<String, Object> json(HarnessChange change) {
    Map<String, Object> object = new LinkedHashMap<>();
    switch (change) {
      case HarnessChange.Added(ProcessorSpec processor, int position) -> {
        object.put("kind", "added");
        object.put("type", processor.type());
        object.put("parameters", processor.parameters());
        object.put("position", position);
      }
      case HarnessChange.Removed(ProcessorSpec processor) -> {
        object.put("kind", "removed");
        object.put("type", processor.type());
        object.put("parameters", processor.parameters());
      }
      case HarnessChange.Moved(String processor, int before, int after) -> {
        object.put("kind", "moved");
        object.put("processor", processor);
        object.put("before", before);
        object.put("after", after);
      }
      case HarnessChange.Reparametrised(
              String processor,
              String parameter,
              Object before,
              Object after) -> {
        object.put("kind", "reparametrised");
        object.put("processor", processor);
        object.put("parameter", parameter);
        object.put("before", before);
        object.put("after", after);
      }
      case HarnessChange.Equipped(String slot, Object before, Object after) -> {
        object.put("kind", "equipped");
        object.put("slot", slot);
        object.put("before", before);
        object.put("after", after);
      }
    }
    object.put("text", change.describe());
    return object;
  }

  private static List<String> names(Harness harness, Hook hook) {
    return harness.chain(hook).stream().map(ProcessorType::id).toList();
  }

  private static String id(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String shown(Object value) {
    return value instanceof List<?> list
        ? list.isEmpty()
            ? "none"
            : list.stream().map(String::valueOf).collect(Collectors.joining(", "))
        : value.toString().isEmpty() ? "none" : value.toString();
  }

  /** Longer text stands below its name, as it is. */
  private static String block(Object value) {
    return value instanceof String text && text.contains("\n")
        ? "\n" + text.stripTrailing().indent(6).stripTrailing()
        : ResultJson.text(value);
  }
}
