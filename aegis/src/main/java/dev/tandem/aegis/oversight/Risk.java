package dev.tandem.aegis.oversight;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** How much a person should mind an edit: by what it changes, whatever it gains. */
public enum Risk {
  /** Parameters of processors that were there before. */
  LOW,
  /** Processors put in, taken out, replaced or moved. */
  MEDIUM,
  /**
   * Code or text of somebody's own, tools, slots, hosts, and what judges: what an edit could use to
   * reach beyond its task.
   */
  HIGH;

  /** Lines that whatever reaches further crosses. */
  private static final RedLines REACH =
      new RedLines(
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of("*"),
          List.of("tools", "workspace", "sandbox", "plugins", "workspace_path"),
          List.of(),
          List.of(RedLines.id(Dimension.EVALUATION_AND_REWARD)),
          new TreeMap<>());

  /**
   * The risk of going from one harness to the other.
   *
   * @throws dev.tandem.harness.value.HarnessException when one of them is not valid
   */
  public static Risk of(HarnessConfig before, HarnessConfig after, ProcessorRegistry registry) {
    if (!REACH.breaches(before, after, registry).isEmpty()
        || !authored(before, registry).containsAll(authored(after, registry))) {
      return HIGH;
    }
    return ids(before, registry).equals(ids(after, registry)) ? LOW : MEDIUM;
  }

  /** What somebody wrote: processors that do nothing with their defaults, such as code. */
  private static Set<ProcessorSpec> authored(HarnessConfig harness, ProcessorRegistry registry) {
    Set<ProcessorSpec> authored = new HashSet<>();
    for (ProcessorSpec spec : harness.processors()) {
      if (registry.type(spec.type()).requirements().contains(Requirement.AUTHOR)) {
        authored.add(registry.complete(spec));
      }
    }
    return authored;
  }

  private static List<String> ids(HarnessConfig harness, ProcessorRegistry registry) {
    List<String> ids = new ArrayList<>();
    for (ProcessorSpec spec : harness.processors()) {
      ProcessorType type = registry.resolve(spec);
      ids.add(type.id());
    }
    return ids;
  }
}
