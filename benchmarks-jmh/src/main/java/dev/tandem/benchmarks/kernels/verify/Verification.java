package dev.tandem.benchmarks.kernels.verify;

import dev.tandem.kernels.cuda.CudaKernels;
import dev.tandem.kernels.operation.KernelProvider;
import dev.tandem.kernels.scalar.ScalarKernels;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Runs every case on a backend and on the oracle, and compares. */
public final class Verification {
  /** How much to verify. */
  public enum Extent {
    /** Sizes up to 4,098. */
    QUICK,
    /** Vocabularies of 32,000 and 151,936 too. */
    FULL
  }

  private static final long SEED = 20240527;

  private final KernelProvider oracle = new ScalarKernels();
  private final KernelProvider tested;

  /** Verifies a backend, which stays the caller's to close. */
  public Verification(KernelProvider tested) {
    this.tested = tested;
  }

  /**
   * Verifies all operations on all memory that the backend serves.
   *
   * @param sizes only these; all when empty
   * @param each is shown every finding as it is made
   */
  public List<Finding> run(Extent extent, List<Integer> sizes, Consumer<Finding> each) {
    List<Finding> findings = new ArrayList<>();
    for (Case one : Cases.all(extent, sizes)) {
      for (Setting setting : settings()) {
        Finding finding = verify(one, setting);
        each.accept(finding);
        findings.add(finding);
      }
    }
    return findings;
  }

  /** Where arrays lie and how they are aligned. */
  private record Setting(String name, Supplier<Stage> stage) {}

  private List<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    settings.add(new Setting("host", () -> Stage.onHost(0)));
    settings.add(new Setting("host, unaligned", () -> Stage.onHost(1)));
    if (tested instanceof CudaKernels device) {
      settings.add(new Setting("device", () -> Stage.onDevice(device, 0)));
      settings.add(new Setting("device, unaligned", () -> Stage.onDevice(device, 1)));
    }
    return settings;
  }

  private Finding verify(Case one, Setting setting) {
    try (Stage wanted = Stage.ofOracle();
        Stage got = setting.stage().get()) {
      Trial expected = one.preparation().prepare(wanted, new SplittableRandom(SEED));
      Trial actual = one.preparation().prepare(got, new SplittableRandom(SEED));
      oracle.run(expected.operation());
      try {
        tested.run(actual.operation());
      } catch (RuntimeException failure) {
        return new Finding(
            one.operation(),
            one.detail(),
            setting.name(),
            Double.POSITIVE_INFINITY,
            "it failed: " + failure.getMessage());
      }
      got.fetch();
      return compared(one, setting, wanted, expected, got, actual);
    }
  }

  private static Finding compared(
      Case one, Setting setting, Stage wanted, Trial expected, Stage got, Trial actual) {
    double worst = 0;
    String problem = got.guardsHold() ? "" : "memory beside an array was written to";
    for (int i = 0; i < expected.outputs().size(); i++) {
      Trial.Output output = expected.outputs().get(i);
      double[] oracle = wanted.read(output.array());
      double[] numbers = got.read(actual.outputs().get(i).array());
      for (int at = 0; at < oracle.length; at++) {
        double share = output.tolerance().shareOf(numbers[at], oracle[at]);
        if (share > 1 && problem.isEmpty()) {
          problem =
              "%s[%d] is %s and the oracle's is %s"
                  .formatted(output.name(), at, numbers[at], oracle[at]);
        }
        worst = Math.max(worst, share);
      }
    }
    return new Finding(one.operation(), one.detail(), setting.name(), worst, problem);
  }
}
