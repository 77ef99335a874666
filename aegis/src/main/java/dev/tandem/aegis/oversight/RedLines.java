package dev.tandem.aegis.oversight;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What no edit may do, whatever it gains. Read from YAML:
 *
 * <pre>{@code
 * forbidden_types: [code_processor]
 * protected_types: [observation_renderer]
 * forbidden_parameters: [system_prompt.text]
 * }</pre>
 *
 * @param forbiddenTypes processor types that may not be added
 * @param protectedTypes processor types that may not be taken away
 * @param forbiddenParameters parameters that may not be changed, each as {@code type.parameter}
 */
public record RedLines(
    @JsonProperty("forbidden_types") List<String> forbiddenTypes,
    @JsonProperty("protected_types") List<String> protectedTypes,
    @JsonProperty("forbidden_parameters") List<String> forbiddenParameters) {
  /** Everything is allowed that the registry offers. */
  public static final RedLines NONE = new RedLines(List.of(), List.of(), List.of());

  private static final YAMLMapper YAML = new YAMLMapper();

  public RedLines {
    forbiddenTypes = List.copyOf(forbiddenTypes);
    protectedTypes = List.copyOf(protectedTypes);
    forbiddenParameters = List.copyOf(forbiddenParameters);
    for (String parameter : forbiddenParameters) {
      if (!parameter.matches("[^.]+\\.[^.]+")) {
        throw new IllegalArgumentException(
            "a forbidden parameter must be written as type.parameter, was '" + parameter + "'");
      }
    }
  }

  @JsonCreator
  static RedLines of(
      @JsonProperty("forbidden_types") @Nullable List<String> forbiddenTypes,
      @JsonProperty("protected_types") @Nullable List<String> protectedTypes,
      @JsonProperty("forbidden_parameters") @Nullable List<String> forbiddenParameters) {
    return new RedLines(
        orNone(forbiddenTypes), orNone(protectedTypes), orNone(forbiddenParameters));
  }

  private static List<String> orNone(@Nullable List<String> list) {
    return list == null ? List.of() : list;
  }

  /**
   * Reads red lines; an unknown key is an error, for a misspelt red line would protect nothing.
   *
   * @throws IllegalArgumentException when the text is not red lines
   */
  public static RedLines parse(String yaml) {
    if (yaml.isBlank()) {
      return NONE;
    }
    try {
      return YAML.readValue(yaml, RedLines.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("red lines cannot be read: " + e.getOriginalMessage(), e);
    }
  }

  /** The lines that going from one harness to the other would cross, one sentence each. */
  public List<String> breaches(HarnessConfig before, HarnessConfig after) {
    Map<String, ProcessorSpec> old = byType(before);
    Map<String, ProcessorSpec> edited = byType(after);
    List<String> breaches = new ArrayList<>();
    for (String type : forbiddenTypes) {
      if (edited.containsKey(type) && !old.containsKey(type)) {
        breaches.add("processor type '%s' is forbidden".formatted(type));
      }
    }
    for (String type : protectedTypes) {
      if (old.containsKey(type) && !edited.containsKey(type)) {
        breaches.add("processor type '%s' is protected".formatted(type));
      }
    }
    for (String parameter : forbiddenParameters) {
      String type = parameter.substring(0, parameter.indexOf('.'));
      String name = parameter.substring(parameter.indexOf('.') + 1);
      if (edited.containsKey(type) && !value(old, type, name).equals(value(edited, type, name))) {
        breaches.add("parameter '%s' may not be changed".formatted(parameter));
      }
    }
    return breaches;
  }

  private static Map<String, ProcessorSpec> byType(HarnessConfig harness) {
    Map<String, ProcessorSpec> processors = new TreeMap<>();
    harness.processors().forEach(spec -> processors.put(spec.type(), spec));
    return processors;
  }

  private static Optional<Object> value(
      Map<String, ProcessorSpec> processors, String type, String parameter) {
    return Optional.ofNullable(processors.get(type))
        .map(ProcessorSpec::parameters)
        .map(parameters -> parameters.get(parameter));
  }
}
