package dev.tandem.aegis.evolve;

import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.plan.ParameterValues;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/**
 * Harnesses as settings of factors, and back. The reference is the harness that a run began with;
 * every factor's other levels are one edit away from it: a group of processors that exclude each
 * other is a factor with a level for each of them and its variants, and each parameter of a
 * processor of the first harness is one. What does not compile, changes nothing or crosses a red
 * line is no level.
 */
public final class LeverSpace {
  private static final String ABSENT = "absent";

  private final HarnessConfig start;
  private final ProcessorRegistry registry;
  private final RedLines redLines;
  private final List<Factor> factors;

  private final List<Refused> refused = new ArrayList<>();

  /** The edit that takes a factor from its reference to a level. */
  private final Map<String, SequencedMap<String, HarnessEdit>> edits = new LinkedHashMap<>();

  /**
   * A level that may not be played, because it crosses red lines.
   *
   * @param edit in words
   * @param reason the lines it crosses
   */
  public record Refused(Lever lever, String edit, String reason) {}

  /**
   * @param met what there is of the requirements that processor types declare
   * @param proposed levels beyond those that metadata gives
   */
  public LeverSpace(
      HarnessConfig start,
      ProcessorRegistry registry,
      RedLines redLines,
      Set<Requirement> met,
      Collection<ProposedLever> proposed) {
    this.start = start;
    this.registry = registry;
    this.redLines = redLines;
    for (ProcessorSpec spec : start.processors()) {
      addPresent(spec);
    }
    for (ProcessorType type : registry.searchable(met)) {
      addType(type);
    }
    proposed.forEach(one -> offer(one.lever().factor(), one.lever().level(), one.edit()));
    List<Factor> all = new ArrayList<>();
    edits.forEach(
        (id, levels) -> {
          if (!levels.isEmpty()) {
            List<String> names = new ArrayList<>(List.of(reference(id)));
            names.addAll(levels.keySet());
            all.add(new Factor(id, names));
          }
        });
    this.factors = List.copyOf(all);
  }

  /** In an order that depends on the first harness and the registry alone. */
  public List<Factor> factors() {
    return factors;
  }

  /** What crossed a red line, and so is no level. */
  public List<Refused> refused() {
    return List.copyOf(refused);
  }

  /** The processor type that a change is about: the one it brings, turns or takes away. */
  public Optional<ProcessorType> type(Assignment.Change change) {
    String level = change.to().equals(change.factor().reference()) ? change.from() : change.to();
    return Optional.ofNullable(edits.get(change.factor().id()))
        .map(levels -> levels.get(level))
        .flatMap(LeverSpace::typeOf)
        .flatMap(registry::find);
  }

  private static Optional<String> typeOf(HarnessEdit edit) {
    return switch (edit) {
      case HarnessEdit.Insert(ProcessorSpec processor, int ignored) ->
          Optional.of(processor.type());
      case HarnessEdit.Replace(ProcessorSpec processor) -> Optional.of(processor.type());
      case HarnessEdit.Remove(String type) -> Optional.of(type);
      case HarnessEdit.Move(String type, int ignored) -> Optional.of(type);
      case HarnessEdit.Configure(String type, String ignored, Object value) -> Optional.of(type);
      case HarnessEdit.Equip ignored -> Optional.empty();
      case HarnessEdit.Sequence(List<HarnessEdit> all) ->
          all.stream().map(LeverSpace::typeOf).flatMap(Optional::stream).findFirst();
    };
  }

  /**
   * The harness with these settings; empty when they do not go together, or cross a red line that
   * none of them crosses alone. A parameter of a processor that is not there any more is ignored.
   *
   * @throws IllegalArgumentException when a factor or level is none of this space
   */
  public Optional<HarnessConfig> harness(Assignment assignment) {
    try {
      HarnessConfig harness = start;
      for (HarnessEdit edit : edits(assignment)) {
        if (!(edit instanceof HarnessEdit.Configure configure)
            || isPresent(harness, configure.type())) {
          harness = harness.apply(edit, registry);
        }
      }
      return isFit(harness) ? Optional.of(harness) : Optional.empty();
    } catch (HarnessException e) {
      return Optional.empty(); // what the settings ask for together is no harness: not an option
    }
  }

  private List<HarnessEdit> edits(Assignment assignment) {
    List<HarnessEdit> all = new ArrayList<>();
    Set<String> left = new TreeSet<>(assignment.levels().keySet());
    for (Factor factor : factors) {
      String level = assignment.levels().get(factor.id());
      if (level != null) {
        left.remove(factor.id());
        HarnessEdit edit = edits.getOrDefault(factor.id(), new LinkedHashMap<>()).get(level);
        if (edit == null) {
          throw new IllegalArgumentException(
              "factor %s has the levels %s, not '%s'"
                  .formatted(factor.id(), factor.levels(), level));
        }
        all.add(edit);
      }
    }
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "there are no factors %s: the harness that the run began with, or the processors there are, have changed"
              .formatted(left));
    }
    return all;
  }

  /** A processor of the first harness: away, another of its group, or set otherwise. */
  private void addPresent(ProcessorSpec spec) {
    ProcessorType type = registry.resolve(spec);
    for (Parameter parameter : type.parameters()) {
      Object now = spec.parameters().getOrDefault(parameter.name(), parameter.defaultValue());
      String factor = type.id() + "." + parameter.name();
      edits.put(factor, new LinkedHashMap<>());
      for (Object value : ParameterValues.alternatives(parameter, now)) {
        offer(
            factor,
            String.valueOf(value),
            new HarnessEdit.Configure(type.id(), parameter.name(), value));
      }
    }
    if (edits.put(type.group(), new LinkedHashMap<>()) == null) {
      offer(type.group(), ABSENT, new HarnessEdit.Remove(type.id()));
    }
  }

  /** A type that the first harness does not have, as it comes and with one parameter turned. */
  private void addType(ProcessorType type) {
    if (isPresent(start, type.id())) {
      return;
    }
    boolean taken =
        start.processors().stream()
            .anyMatch(spec -> registry.resolve(spec).group().equals(type.group()));
    edits.computeIfAbsent(type.group(), group -> new LinkedHashMap<>());
    ProcessorSpec plain = ProcessorSpec.of(type.id());
    offer(type.group(), type.id(), put(plain, taken));
    for (Parameter parameter : type.parameters()) {
      for (Object value : ParameterValues.alternatives(parameter, parameter.defaultValue())) {
        offer(
            type.group(),
            "%s(%s=%s)".formatted(type.id(), parameter.name(), value),
            put(plain.with(parameter.name(), value), taken));
      }
    }
  }

  private static HarnessEdit put(ProcessorSpec spec, boolean taken) {
    return taken ? new HarnessEdit.Replace(spec) : new HarnessEdit.Insert(spec);
  }

  private void offer(String factor, String level, HarnessEdit edit) {
    try {
      HarnessConfig result = start.apply(edit, registry);
      List<String> breaches = redLines.breaches(start, result, registry);
      if (!breaches.isEmpty()) {
        refused.add(
            new Refused(new Lever(factor, level), edit.describe(), String.join("; ", breaches)));
      } else if (isFit(result) && !result.hash(registry).equals(start.hash(registry))) {
        edits.computeIfAbsent(factor, key -> new LinkedHashMap<>()).put(level, edit);
      }
    } catch (HarnessException e) {
      // The metadata allows more than the harness does: not a level.
    }
  }

  private boolean isFit(HarnessConfig harness) {
    Harness.compile(harness, registry);
    return redLines.breaches(start, harness, registry).isEmpty();
  }

  private String reference(String factor) {
    for (ProcessorSpec spec : start.processors()) {
      ProcessorType type = registry.resolve(spec);
      if (factor.equals(type.group())) {
        return type.id();
      }
      for (Parameter parameter : type.parameters()) {
        if (factor.equals(type.id() + "." + parameter.name())) {
          return String.valueOf(
              spec.parameters().getOrDefault(parameter.name(), parameter.defaultValue()));
        }
      }
    }
    return ABSENT;
  }

  private static boolean isPresent(HarnessConfig harness, String type) {
    return harness.processors().stream().anyMatch(spec -> spec.type().equals(type));
  }
}
