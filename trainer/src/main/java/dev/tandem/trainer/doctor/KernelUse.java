package dev.tandem.trainer.doctor;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Who does a part of a training step that our kernels could do, on some device.
 *
 * @param work the part
 * @param where device and precision
 * @param by whose arithmetic it is
 */
public record KernelUse(String work, String where, String by) {
  private static final String SCORES = "log-probabilities, entropies, their gradient";
  private static final String TORCH = "libtorch";

  /** All parts, as this machine does them: a pure function of what was found on it. */
  public static List<KernelUse> of(Machine.CpuKernels kernels) {
    String onCpu =
        switch (kernels.lossHead()) {
          case KERNELS -> "kernels, " + kernels.name();
          case TORCH_SCRIPT -> TORCH;
        };
    return List.of(
        new KernelUse(SCORES, "CPU, float32 and bfloat16", onCpu),
        new KernelUse(SCORES, "CPU, float64", TORCH),
        new KernelUse(SCORES, "GPU", TORCH),
        new KernelUse("clipped loss, advantages", "every device", "kernels, scalar"),
        new KernelUse("matrices, attention, sampling, optimiser", "every device", TORCH));
  }

  /** A table. */
  public static String text(List<KernelUse> uses) {
    return uses.stream()
        .map(use -> String.format(Locale.ROOT, "  %-44s  %-25s  %s", use.work, use.where, use.by))
        .collect(
            Collectors.joining(
                System.lineSeparator(), "Who computes:" + System.lineSeparator(), ""));
  }
}
