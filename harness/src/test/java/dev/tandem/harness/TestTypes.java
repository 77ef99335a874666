package dev.tandem.harness;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Processor types for one test each. */
public final class TestTypes {
  public static final Budget BUDGET = new Budget(10, 2, 1_000_000);

  private TestTypes() {}

  /** A type that is its own group. */
  public static ProcessorType type(
      String id, int order, List<String> after, Supplier<Processor> factory, Hook... hooks) {
    return new ProcessorType(
        id,
        "Does what the test wants.",
        id,
        Dimension.CONTROL_AND_SAFETY,
        Set.of(hooks),
        order,
        after,
        Set.of(),
        List.of(),
        _ -> factory.get());
  }

  public static ProcessorType type(String id, Processor processor, Hook... hooks) {
    return type(id, ProcessorType.NORMAL, List.of(), () -> processor, hooks);
  }

  /** A harness of these types with their defaults, in this order. */
  public static Harness harness(ProcessorType... types) {
    List<ProcessorSpec> specs =
        Arrays.stream(types).map(type -> ProcessorSpec.of(type.id())).toList();
    return Harness.compile(new HarnessConfig(specs), new ProcessorRegistry(Arrays.asList(types)));
  }
}
