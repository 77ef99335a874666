package dev.tandem.harness.config;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.CanonicalJson;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A harness as a value: its processors, in the order that settles what their metadata leaves open,
 * and its slots. Constructing one checks nothing; everything that depends on the processor types
 * takes a registry, and reports all that is wrong at once.
 *
 * <p>Its YAML form is a list of types with their parameters beside them:
 *
 * <pre>{@code
 * processors:
 *   - type: frontier_note
 *     show: unsearched
 * }</pre>
 *
 * @param description for people; no part of the content hash
 * @param contract the version of the rules for processors that it was written for, see {@link
 *     #CONTRACT}
 */
@JsonSerialize(using = HarnessConfigJson.Writer.class)
@JsonDeserialize(using = HarnessConfigJson.Reader.class)
public record HarnessConfig(
    List<ProcessorSpec> processors, Slots slots, String description, int contract) {
  /** The version of the rules for processors that this build keeps: hooks, fields, outcomes. */
  public static final int CONTRACT = 1;

  public HarnessConfig {
    processors = List.copyOf(processors);
  }

  /** Processors with default slots. */
  public HarnessConfig(List<ProcessorSpec> processors) {
    this(processors, Slots.DEFAULT, "", CONTRACT);
  }

  public static HarnessConfig of(ProcessorSpec... processors) {
    return new HarnessConfig(Arrays.asList(processors));
  }

  /** The same harness with other processors. */
  public HarnessConfig withProcessors(List<ProcessorSpec> changed) {
    return new HarnessConfig(changed, slots, description, contract);
  }

  /** The same harness with other slots. */
  public HarnessConfig withSlots(Slots changed) {
    return new HarnessConfig(processors, changed, description, contract);
  }

  /** The same harness with another description. */
  public HarnessConfig withDescription(String changed) {
    return new HarnessConfig(processors, slots, changed, contract);
  }

  /**
   * Reads YAML or JSON.
   *
   * @param source what the text is called in errors, such as a file name
   * @throws HarnessException with source and line of everything that is wrong
   */
  public static HarnessConfig parse(String text, String source, ProcessorRegistry registry) {
    return new HarnessParser(source, registry).parse(text);
  }

  /**
   * Content hash of the behaviour: lower-case hexadecimal SHA-256 of the canonical JSON.
   *
   * @throws HarnessException when the configuration is not valid
   */
  public String hash(ProcessorRegistry registry) {
    return ContentHash.sha256(canonicalJson(registry));
  }

  /**
   * The one JSON text of this behaviour: keys sorted, parameters' defaults written out, default
   * slots left out, processors in an order that depends on nothing but the hooks' chains. What is
   * not behaviour is not in it: labels, observing processors, the description, the rest of the
   * list's order; {@link #toJson} keeps them. Libraries that types come from and services are in it
   * by their hashes.
   *
   * @throws HarnessException when the configuration is not valid
   */
  public String canonicalJson(ProcessorRegistry registry) {
    SortedMap<String, Object> form = new TreeMap<>();
    CanonicalOrder order = CanonicalOrder.of(this, registry);
    form.put("processors", order.processors().stream().map(spec -> form(spec, registry)).toList());
    if (!order.chains().isEmpty()) {
      form.put("chains", order.chains());
    }
    if (!registry.surroundings().isEmpty()) {
      form.put("services", registry.surroundings());
    }
    SortedMap<String, Object> equipment = behaviouralSlots();
    if (!equipment.isEmpty()) {
      form.put("slots", equipment);
    }
    return CanonicalJson.write(form);
  }

  private static SortedMap<String, Object> form(ProcessorSpec spec, ProcessorRegistry registry) {
    SortedMap<String, Object> form = CanonicalJson.flat(spec);
    String origin = registry.type(spec.type()).origin();
    if (!origin.isEmpty()) {
      form.put("origin", origin);
    }
    return form;
  }

  /** The configuration as it is written in files; parsing it gives an equal configuration. */
  public String toYaml() {
    return HarnessYaml.write(this);
  }

  /** All of the configuration as JSON on one line; parsing it gives an equal configuration. */
  public String toJson() {
    SortedMap<String, Object> form = new TreeMap<>();
    form.put("processors", processors.stream().map(CanonicalJson::flat).toList());
    if (!slots.values().isEmpty()) {
      form.put("slots", slots.values());
    }
    if (!description.isEmpty()) {
      form.put("description", description);
    }
    if (contract != CONTRACT) {
      form.put("contract", contract);
    }
    return CanonicalJson.write(form);
  }

  /**
   * The edited harness; everything the edit does not name stays as it is.
   *
   * @throws HarnessException when the edit cannot be applied or its result would not be valid
   */
  public HarnessConfig apply(HarnessEdit edit, ProcessorRegistry registry) {
    HarnessConfig result = EditApplication.apply(this, edit, registry);
    HarnessException.throwIfAny(result.problems(registry));
    return result;
  }

  /**
   * The edit that takes an edit of this harness back: applied to the edited harness it gives this
   * one's behaviour.
   *
   * @throws HarnessException when the edit cannot be applied to this harness
   */
  public HarnessEdit inverse(HarnessEdit edit, ProcessorRegistry registry) {
    return EditApplication.inverse(this, edit, registry);
  }

  /**
   * {@code this | other}: the processors and slots of both, this one's first. What is the same in
   * both is there once.
   *
   * @throws HarnessException with every conflict: singleton groups held by both in different ways,
   *     slots set by both to different values
   */
  public HarnessConfig compose(HarnessConfig other, ProcessorRegistry registry) {
    return new HarnessBuilder(this, registry).compose(other).build();
  }

  /** {@link #changes} in readable lines; a change of longer text is one entry of several lines. */
  public static List<String> diff(
      HarnessConfig before, HarnessConfig after, ProcessorRegistry registry) {
    return changes(before, after, registry).stream().map(HarnessChange::describe).toList();
  }

  /**
   * What behaves differently; empty exactly when the hashes are equal.
   *
   * @throws HarnessException when one of them is not valid
   */
  public static List<HarnessChange> changes(
      HarnessConfig before, HarnessConfig after, ProcessorRegistry registry) {
    return HarnessDiff.between(before, after, registry);
  }

  /** Everything that keeps this configuration from being used, empty when it is valid. */
  public List<String> problems(ProcessorRegistry registry) {
    List<String> problems = new ArrayList<>();
    if (contract != CONTRACT) {
      problems.add(HarnessCheck.foreignContract(contract));
    }
    HarnessCheck.problems(processors, registry).forEach(problem -> problems.add(problem.text()));
    return problems;
  }

  /**
   * Everything that keeps this configuration from being compiled: {@link #problems}, and circles in
   * its order.
   */
  public List<String> compilationProblems(ProcessorRegistry registry) {
    List<String> problems = new ArrayList<>(problems(registry));
    List<ProcessorType> types = new ArrayList<>();
    for (ProcessorSpec spec : processors) {
      if (HarnessCheck.problems(List.of(spec), registry).isEmpty()) {
        types.add(registry.resolve(spec));
      } else {
        registry.find(spec.type()).ifPresent(types::add);
      }
    }
    for (Hook hook : Hook.values()) {
      try {
        ProcessorOrder.of(hook, types);
      } catch (HarnessException e) {
        problems.addAll(e.problems());
      }
    }
    return problems;
  }

  /** The processors that act, with all parameters that bear on it written out. */
  List<ProcessorSpec> behaviour(ProcessorRegistry registry) {
    HarnessException.throwIfAny(problems(registry));
    return processors.stream()
        .filter(spec -> !registry.resolve(spec).dimension().observes())
        .map(registry::behaviour)
        .toList();
  }

  /** The slots that bear on behaviour, where they differ from the defaults. */
  SortedMap<String, Object> behaviouralSlots() {
    SortedMap<String, Object> values = slots.values();
    Slots.PARAMETERS.stream()
        .filter(parameter -> !parameter.behavioural())
        .forEach(parameter -> values.remove(parameter.name()));
    return values;
  }
}
