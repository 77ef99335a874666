package dev.tandem.harness.config;

import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.edit.HarnessEdits;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Composes a harness step by step: immutable, so a builder may be kept and continued in several
 * ways. Nothing is refused before {@link #build}, which then tells everything that is wrong.
 */
public final class HarnessBuilder {
  private final HarnessConfig config;
  private final ProcessorRegistry registry;
  private final List<String> problems;

  /** Continues from a harness; from {@code HarnessConfig.of()} to begin with nothing. */
  public HarnessBuilder(HarnessConfig config, ProcessorRegistry registry) {
    this(config, registry, List.of());
  }

  private HarnessBuilder(HarnessConfig config, ProcessorRegistry registry, List<String> problems) {
    this.config = config;
    this.registry = registry;
    this.problems = List.copyOf(problems);
  }

  /** Adds a processor at the end. */
  public HarnessBuilder insert(ProcessorSpec processor) {
    return edit(new HarnessEdit.Insert(processor));
  }

  /** Puts a processor in the place of the holder of its singleton group. */
  public HarnessBuilder replace(ProcessorSpec processor) {
    return edit(new HarnessEdit.Replace(processor));
  }

  /** Takes a processor out. */
  public HarnessBuilder remove(String type) {
    return edit(new HarnessEdit.Remove(type));
  }

  /** Sets one parameter. */
  public HarnessBuilder configure(String type, String parameter, Object value) {
    return edit(new HarnessEdit.Configure(type, parameter, value));
  }

  /** Sets the slots. */
  public HarnessBuilder equip(Slots slots) {
    return edit(new HarnessEdit.Equip(slots));
  }

  /** Applies any edit. */
  public HarnessBuilder edit(HarnessEdit edit) {
    try {
      return new HarnessBuilder(EditApplication.apply(config, edit, registry), registry, problems);
    } catch (HarnessException e) {
      List<String> more = new ArrayList<>(problems);
      more.addAll(e.problems());
      return new HarnessBuilder(config, registry, more);
    }
  }

  /** Adds all of another harness; what is the same in both is there once. */
  public HarnessBuilder compose(HarnessConfig other) {
    List<ProcessorSpec> both = new ArrayList<>(config.processors());
    other.processors().stream().filter(spec -> !isPresent(spec)).forEach(both::add);
    List<String> more = new ArrayList<>(problems);
    SortedMap<String, Object> slots = new TreeMap<>(config.slots().values());
    other
        .slots()
        .values()
        .forEach(
            (slot, value) -> {
              Object mine = slots.putIfAbsent(slot, value);
              if (mine != null && !mine.equals(value)) {
                more.add(
                    "slot '%s' is %s in one harness and %s in the other: choose one"
                        .formatted(slot, HarnessEdits.shown(mine), HarnessEdits.shown(value)));
              }
            });
    return new HarnessBuilder(
        new HarnessConfig(
            both,
            Slots.of(slots),
            config.description().isEmpty() ? other.description() : config.description(),
            Math.max(config.contract(), other.contract())),
        registry,
        more);
  }

  private boolean isPresent(ProcessorSpec spec) {
    return registry.find(spec.type()).isPresent()
        && config.processors().stream()
            .filter(mine -> mine.type().equals(spec.type()))
            .anyMatch(mine -> registry.complete(mine).equals(registry.complete(spec)));
  }

  /**
   * The harness.
   *
   * @throws HarnessException with everything that is wrong: edits that found nothing to apply to,
   *     unknown types and parameters, taken singleton groups, circles in {@code after}
   */
  public HarnessConfig build() {
    List<String> all = new ArrayList<>(problems);
    all.addAll(config.compilationProblems(registry));
    HarnessException.throwIfAny(all);
    return config;
  }
}
