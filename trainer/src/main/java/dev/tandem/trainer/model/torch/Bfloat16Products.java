package dev.tandem.trainer.model.torch;

import ai.djl.Device;
import java.util.List;

/** How matrices of bfloat16 are multiplied. */
public enum Bfloat16Products {
  /** As they are, by the device's instructions for it. */
  NATIVE,
  /**
   * One matrix at a time is widened to 32 bits, multiplied there, and the product rounded: what an
   * instruction for bfloat16 computes too, whose products are exact and whose sums have 32 bits. On
   * a CPU that has none, many times as fast as what stands in for it.
   */
  WIDENED;

  /** Of x86, which multiplies and adds pairs or tiles, and of Arm. */
  private static final List<String> INSTRUCTIONS = List.of("avx512_bf16", "amx_bf16", "bf16");

  /** Returns the faster one where a decoder runs. */
  static Bfloat16Products fastest(Device device, CpuFacts cpu) {
    return device.isGpu() ? NATIVE : fastest(cpu);
  }

  /** Returns the faster one on a CPU; one that tells nothing is taken to have the instructions. */
  public static Bfloat16Products fastest(CpuFacts cpu) {
    return cpu.flags().isEmpty() || INSTRUCTIONS.stream().anyMatch(cpu.flags()::contains)
        ? NATIVE
        : WIDENED;
  }
}
