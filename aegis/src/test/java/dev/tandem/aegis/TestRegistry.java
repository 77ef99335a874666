package dev.tandem.aegis;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.List;
import java.util.Set;

/** Processors that do nothing, with metadata to evolve by. */
public final class TestRegistry {
  public static final ProcessorRegistry REGISTRY =
      ProcessorRegistry.of(List.of())
          .with(
              List.of(
                  type("renderer", "renderer", Set.of()),
                  type("terse_renderer", "renderer", Set.of()),
                  type("guard", "guard", Set.of(FailureCategory.REPEATED_ACTION)),
                  type(
                      "searched",
                      "searched",
                      Set.of(TestFailures.SEARCHED_AGAIN),
                      new Parameter.Choice("show", "all", List.of("all", "new")),
                      new Parameter.Count("limit", 4, 1, 6),
                      new Parameter.Flag("sorted", false)),
                  type("sightings", "sightings", Set.of(TestFailures.FORGOTTEN))));

  public static final HarnessConfig BARE = HarnessConfig.of(ProcessorSpec.of("renderer"));

  private TestRegistry() {}

  private static ProcessorType type(
      String id, String group, Set<FailureCategory> addresses, Parameter... parameters) {
    return new ProcessorType(
        id,
        "Does nothing.",
        group,
        Dimension.MEMORY,
        Set.of(Hook.BEFORE_MODEL),
        ProcessorType.NORMAL,
        List.of(),
        addresses,
        List.of(parameters),
        arguments -> event -> Outcome.PASS);
  }

  public static String hash(HarnessConfig harness) {
    return harness.hash(REGISTRY);
  }

  public static boolean has(HarnessConfig harness, String type) {
    return harness.processors().stream().anyMatch(spec -> spec.type().equals(type));
  }
}
