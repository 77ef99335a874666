package dev.tandem.aegis.oversight;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.Slots;
import dev.tandem.harness.value.Suggestion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What no edit may do, whatever it gains. A line is about what an edit changes: what the harness of
 * the recipe has already, it may keep. Written as YAML, every key may be left out:
 *
 * <pre>{@code
 * forbidden_types: [javascript]
 * protected_types: [system_prompt]
 * forbidden_parameters: [system_prompt.text]
 * forbidden_tools: [write_file, "browser__*"]
 * forbidden_hosts: ["*"]
 * protected_slots: [sandbox, workspace]
 * protected_events: [task_end]
 * protected_dimensions: [evaluation_and_reward]
 * budgets: {parse_retry.attempts: 2}
 * }</pre>
 *
 * @param forbiddenTypes processor types that may not be added
 * @param protectedTypes processor types that may not be taken away
 * @param forbiddenParameters parameters that may not be changed, each as {@code type.parameter}
 * @param forbiddenTools tools that the model may not be given, as names or beginnings with a {@code
 *     *} behind; those of an MCP server begin with its name and two underscores
 * @param forbiddenHosts hosts that no text of the harness may come to name in a URL, subdomains
 *     included; {@code *} for all
 * @param protectedSlots slots that may not be changed
 * @param protectedEvents hooks, such as those that the verifier sees the outcome of, whose
 *     processors may not be added, taken away or changed
 * @param protectedDimensions dimensions whose processors may not be added, taken away or changed
 * @param budgets the most that a number may be set to, by {@code type.parameter}
 */
public record RedLines(
    @JsonProperty("forbidden_types") List<String> forbiddenTypes,
    @JsonProperty("protected_types") List<String> protectedTypes,
    @JsonProperty("forbidden_parameters") List<String> forbiddenParameters,
    @JsonProperty("forbidden_tools") List<String> forbiddenTools,
    @JsonProperty("forbidden_hosts") List<String> forbiddenHosts,
    @JsonProperty("protected_slots") List<String> protectedSlots,
    @JsonProperty("protected_events") List<String> protectedEvents,
    @JsonProperty("protected_dimensions") List<String> protectedDimensions,
    @JsonProperty("budgets") Map<String, Double> budgets) {
  private static final List<String> NOTHING = List.of();

  /** Everything is allowed that the registry offers. */
  public static final RedLines NONE =
      new RedLines(
          NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, new TreeMap<>());

  private static final YAMLMapper YAML = new YAMLMapper();

  public RedLines {
    forbiddenTypes = List.copyOf(forbiddenTypes);
    protectedTypes = List.copyOf(protectedTypes);
    forbiddenParameters = List.copyOf(forbiddenParameters);
    forbiddenTools = List.copyOf(forbiddenTools);
    forbiddenHosts = List.copyOf(forbiddenHosts);
    protectedSlots = List.copyOf(protectedSlots);
    protectedEvents = List.copyOf(protectedEvents);
    protectedDimensions = List.copyOf(protectedDimensions);
    budgets = Collections.unmodifiableSortedMap(new TreeMap<>(budgets));
    requireParameters("forbidden_parameters", forbiddenParameters);
    requireParameters("budgets", budgets.keySet());
    requireKnown(
        "protected_slots", protectedSlots, Slots.PARAMETERS.stream().map(Parameter::name).toList());
    requireKnown(
        "protected_events", protectedEvents, Arrays.stream(Hook.values()).map(Hook::id).toList());
    requireKnown(
        "protected_dimensions",
        protectedDimensions,
        Arrays.stream(Dimension.values()).map(RedLines::id).toList());
    for (String host : forbiddenHosts) {
      if (!host.matches("\\*|[A-Za-z0-9._:\\[\\]-]+")) {
        throw new IllegalArgumentException(
            "forbidden_hosts must be names of hosts or '*', one was '" + host + "'");
      }
    }
  }

  private static void requireParameters(String key, Collection<String> parameters) {
    for (String parameter : parameters) {
      if (!parameter.matches("[^.]+\\.[^.]+")) {
        throw new IllegalArgumentException(
            "%s must be written as type.parameter, one was '%s'".formatted(key, parameter));
      }
    }
  }

  private static void requireKnown(String key, List<String> said, List<String> known) {
    for (String one : said) {
      if (!known.contains(one)) {
        throw new IllegalArgumentException(
            "%s has '%s', which there is not%s"
                .formatted(key, one, Suggestion.forUnknown(one, known)));
      }
    }
  }

  static String id(Dimension dimension) {
    return dimension.name().toLowerCase(Locale.ROOT);
  }

  @JsonCreator
  static RedLines of(
      @JsonProperty("forbidden_types") @Nullable List<String> forbiddenTypes,
      @JsonProperty("protected_types") @Nullable List<String> protectedTypes,
      @JsonProperty("forbidden_parameters") @Nullable List<String> forbiddenParameters,
      @JsonProperty("forbidden_tools") @Nullable List<String> forbiddenTools,
      @JsonProperty("forbidden_hosts") @Nullable List<String> forbiddenHosts,
      @JsonProperty("protected_slots") @Nullable List<String> protectedSlots,
      @JsonProperty("protected_events") @Nullable List<String> protectedEvents,
      @JsonProperty("protected_dimensions") @Nullable List<String> protectedDimensions,
      @JsonProperty("budgets") @Nullable Map<String, Double> budgets) {
    return new RedLines(
        orNone(forbiddenTypes),
        orNone(protectedTypes),
        orNone(forbiddenParameters),
        orNone(forbiddenTools),
        orNone(forbiddenHosts),
        orNone(protectedSlots),
        orNone(protectedEvents),
        orNone(protectedDimensions),
        budgets == null ? new TreeMap<>() : new TreeMap<>(budgets));
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

  /**
   * The lines that going from one harness to the other would cross, one sentence each.
   *
   * @throws dev.tandem.harness.value.HarnessException when one of the harnesses is not valid
   */
  public List<String> breaches(
      HarnessConfig before, HarnessConfig after, ProcessorRegistry registry) {
    return equals(NONE) ? List.of() : new Breaches(this, before, after, registry).all();
  }

  /**
   * Lines that name what there is not, and so would protect nothing; each begins with its key.
   *
   * @param registry every processor type that an edit could use
   */
  public List<String> problems(ProcessorRegistry registry) {
    List<String> known = registry.types().stream().map(type -> type.id()).toList();
    List<String> problems = new ArrayList<>();
    unknown("forbidden_types", forbiddenTypes, known, problems);
    unknown("protected_types", protectedTypes, known, problems);
    for (String parameter : forbiddenParameters) {
      problem("forbidden_parameters", parameter, known, registry).ifPresent(problems::add);
    }
    for (String parameter : budgets.keySet()) {
      problem("budgets", parameter, known, registry)
          .or(() -> notANumber(parameter, registry))
          .ifPresent(problems::add);
    }
    return problems;
  }

  private static void unknown(
      String key, List<String> types, List<String> known, List<String> problems) {
    types.stream()
        .filter(type -> !known.contains(type))
        .forEach(type -> problems.add(unknownType(key, type, known)));
  }

  private static String unknownType(String key, String type, List<String> known) {
    return "%s: there is no processor type '%s'%s"
        .formatted(key, type, Suggestion.forUnknown(type, known));
  }

  private static Optional<String> problem(
      String key, String parameter, List<String> known, ProcessorRegistry registry) {
    String type = Breaches.type(parameter);
    if (!known.contains(type)) {
      return Optional.of(unknownType(key, type, known));
    }
    List<String> names = registry.type(type).parameters().stream().map(Parameter::name).toList();
    String name = Breaches.name(parameter);
    return names.contains(name)
        ? Optional.empty()
        : Optional.of(
            "%s: processor type '%s' has no parameter '%s'%s"
                .formatted(key, type, name, Suggestion.forUnknown(name, names)));
  }

  private static Optional<String> notANumber(String parameter, ProcessorRegistry registry) {
    boolean number =
        registry.type(Breaches.type(parameter)).parameters().stream()
            .filter(one -> one.name().equals(Breaches.name(parameter)))
            .anyMatch(one -> one instanceof Parameter.Count || one instanceof Parameter.Decimal);
    return number
        ? Optional.empty()
        : Optional.of("budgets: parameter '%s' is no number".formatted(parameter));
  }
}
