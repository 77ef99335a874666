package dev.tandem.benchmarks.harness;

import dev.tandem.benchmarks.measure.Check;
import dev.tandem.harness.config.HarnessChange;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to treat a harness as a value: the content hash of one with forty processors, and
 * its semantic diff to one that has one more, one less, one elsewhere and one set otherwise.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HarnessValueBenchmark {
  static final int PROCESSORS = 40;

  private final ProcessorRegistry registry = new ProcessorRegistry(types());
  private final HarnessConfig before =
      new HarnessConfig(
          registry.types().subList(0, PROCESSORS).stream()
              .map(type -> ProcessorSpec.of(type.id()))
              .toList());
  private final HarnessConfig after =
      before.apply(
          new HarnessEdit.Sequence(
              List.of(
                  new HarnessEdit.Remove(before.processors().get(3).type()),
                  new HarnessEdit.Insert(ProcessorSpec.of(registry.types().getLast().id()), 7),
                  new HarnessEdit.Move(before.processors().get(20).type(), 2),
                  new HarnessEdit.Configure(turned(), "turns", 9))),
          registry);

  /** The built-in types as often as it takes, each time under other names. */
  private static List<ProcessorType> types() {
    List<ProcessorType> types = new ArrayList<>();
    for (int copy = 0; types.size() <= PROCESSORS; copy++) {
      for (ProcessorType type : ProcessorRegistry.builtIn().searchable()) {
        types.add(
            new ProcessorType(
                type.id() + "_" + copy,
                type.summary(),
                type.group() + "_" + copy,
                type.dimension(),
                type.hooks(),
                type.order(),
                type.after(),
                type.addresses(),
                type.parameters(),
                type.factory()));
      }
    }
    return types;
  }

  private String turned() {
    return before.processors().stream()
        .map(ProcessorSpec::type)
        .filter(type -> type.startsWith("history_window"))
        .findFirst()
        .orElseThrow();
  }

  /** Check, canonical form and SHA-256. */
  @Benchmark
  public String hash() {
    String hash = before.hash(registry);
    Check.that(hash.length() == 64, "the hash has %d characters", hash.length());
    return hash;
  }

  /** Check and comparison of two harnesses. */
  @Benchmark
  public List<HarnessChange> diff() {
    List<HarnessChange> changes = HarnessConfig.changes(before, after, registry);
    Check.that(changes.size() == 4, "the diff has %d changes: %s", changes.size(), changes);
    return changes;
  }
}
