package dev.tandem.trainer.model.torch;

import ai.djl.Device;
import java.util.Arrays;
import java.util.Locale;

/**
 * Who computes between logits and log-probabilities, and back. The products with the head's matrix
 * are libtorch's either way.
 */
public enum LossHead {
  /**
   * Our own kernels, in place of the logits, which are computed once a step. Their bits are the
   * same on every JVM, with vectors or without, so that what chooses them is the machine alone.
   */
  KERNELS,
  /** The decoder's program, by libtorch's operators. */
  TORCH_SCRIPT;

  private static final String VARIABLE = "TANDEM_LOSS_HEAD";

  /**
   * Returns the faster one on a CPU.
   *
   * @param cpu whose vectors the kernels would run on: they need four float64 lanes
   */
  public static LossHead fastest(CpuFacts cpu) {
    return cpu.flags().contains("avx2") ? KERNELS : TORCH_SCRIPT;
  }

  /** This one where it can be had: logits must be 32 bits wide and in the processor's memory. */
  LossHead where(Device device, Precision precision) {
    return switch (precision) {
      case FLOAT32, BFLOAT16 -> device.isGpu() ? TORCH_SCRIPT : this;
      case FLOAT64 -> TORCH_SCRIPT;
    };
  }

  /**
   * The one for this machine's CPU: as the environment variable {@value #VARIABLE} says, in lower
   * case, else the fastest.
   *
   * @throws IllegalArgumentException when the variable names none
   */
  public static LossHead ofThisCpu() {
    String asked = System.getenv(VARIABLE);
    return asked == null || asked.isEmpty() ? fastest(CpuFacts.ofThisMachine()) : named(asked);
  }

  static LossHead named(String asked) {
    return Arrays.stream(values())
        .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(asked))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s=%s is no loss head; set it to kernels or torch_script, or unset it"
                        .formatted(VARIABLE, asked)));
  }
}
