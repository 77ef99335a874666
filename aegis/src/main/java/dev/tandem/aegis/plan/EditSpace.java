package dev.tandem.aegis.plan;

import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Every edit that the registry's metadata allows and no red line forbids: absent processors whose
 * requirements are met put in, with default parameters or one of them turned; present ones turned,
 * replaced by others of their group, or taken out.
 */
public final class EditSpace {
  private final ProcessorRegistry registry;
  private final RedLines redLines;
  private final Set<Requirement> met;

  /** The space of a world that meets no requirement: closed vocabulary, no tools, one model. */
  public EditSpace(ProcessorRegistry registry, RedLines redLines) {
    this(registry, redLines, Set.of());
  }

  /**
   * @param met what there is of the requirements that processor types declare
   */
  public EditSpace(ProcessorRegistry registry, RedLines redLines, Set<Requirement> met) {
    this.registry = registry;
    this.redLines = redLines;
    this.met = Set.copyOf(met);
  }

  /**
   * A valid edit of the incumbent that changes its behaviour.
   *
   * @param addresses failure categories it may cure: those of the processor it puts in or turns;
   *     none for one that takes a processor out
   */
  public record Option(
      HarnessEdit edit, HarnessConfig result, ProcessorType type, Set<FailureCategory> addresses) {
    public Option {
      SortedSet<FailureCategory> sorted = new TreeSet<>(addresses);
      addresses = Collections.unmodifiableSortedSet(sorted);
    }

    public EditFamily family() {
      return EditFamily.of(edit);
    }
  }

  /** All options, by processor in the registry's order, the plainest edit of each first. */
  public List<Option> options(HarnessConfig incumbent) {
    List<Option> options = new ArrayList<>();
    for (ProcessorType type : registry.types()) {
      List<ProcessorSpec> present =
          incumbent.processors().stream().filter(spec -> spec.type().equals(type.id())).toList();
      for (ProcessorSpec spec : present) {
        ProcessorType configured = registry.resolve(spec);
        for (HarnessEdit edit : editsOfPresent(spec, configured)) {
          option(incumbent, configured, edit).ifPresent(options::add);
        }
      }
      if (present.isEmpty() && met.containsAll(type.requirements())) {
        for (HarnessEdit edit : editsOfAbsent(incumbent, type)) {
          option(incumbent, type, edit).ifPresent(options::add);
        }
      }
    }
    return options;
  }

  private List<HarnessEdit> editsOfAbsent(HarnessConfig incumbent, ProcessorType type) {
    boolean groupTaken =
        incumbent.processors().stream()
            .anyMatch(spec -> registry.resolve(spec).group().equals(type.group()));
    return variants(type).stream()
        .<HarnessEdit>map(
            spec -> groupTaken ? new HarnessEdit.Replace(spec) : new HarnessEdit.Insert(spec))
        .toList();
  }

  private static List<HarnessEdit> editsOfPresent(ProcessorSpec present, ProcessorType type) {
    List<HarnessEdit> edits = new ArrayList<>();
    for (Parameter parameter : type.parameters()) {
      Object now = present.parameters().getOrDefault(parameter.name(), parameter.defaultValue());
      for (Object value : ParameterValues.alternatives(parameter, now)) {
        edits.add(new HarnessEdit.Configure(type.id(), parameter.name(), value));
      }
    }
    edits.add(new HarnessEdit.Remove(type.id()));
    return edits;
  }

  /** The processor as it comes, then with one parameter turned. */
  private static List<ProcessorSpec> variants(ProcessorType type) {
    ProcessorSpec plain = ProcessorSpec.of(type.id());
    List<ProcessorSpec> variants = new ArrayList<>(List.of(plain));
    for (Parameter parameter : type.parameters()) {
      for (Object value : ParameterValues.alternatives(parameter, parameter.defaultValue())) {
        variants.add(plain.with(parameter.name(), value));
      }
    }
    return variants;
  }

  private Optional<Option> option(HarnessConfig incumbent, ProcessorType type, HarnessEdit edit) {
    HarnessConfig result;
    try {
      result = incumbent.apply(edit, registry);
    } catch (HarnessException e) {
      return Optional.empty(); // the metadata allows more than the harness does: not an option
    }
    if (!redLines.breaches(incumbent, result, registry).isEmpty()
        || result.hash(registry).equals(incumbent.hash(registry))) {
      return Optional.empty();
    }
    Set<FailureCategory> addresses =
        edit instanceof HarnessEdit.Remove ? Set.of() : type.addresses();
    return Optional.of(new Option(edit, result, type, addresses));
  }
}
