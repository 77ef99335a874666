package dev.tandem.trainer.model.torch;

import ai.djl.Device;

/**
 * How training trades memory for time. Nothing here changes a gradient beyond rounding.
 *
 * @param packing whether a chunk's records are one flat sequence for everything but attention, so
 *     that nothing else is spent on padding; else every row is padded to the chunk's longest
 * @param recomputeLayers whether only each layer's input is kept for the backward pass, which
 *     computes the rest again
 * @param headElements most logits or log-probabilities, tokens x vocabulary, of a chunk in memory
 *     at once
 */
public record TrainingMemory(boolean packing, boolean recomputeLayers, int headElements) {

  /** Products of fewer rows waste the machine. */
  private static final int FEWEST_HEAD_ROWS = 16;

  private static final int CPU_HEAD_ELEMENTS = 1 << 24;
  private static final int GPU_HEAD_ELEMENTS = 1 << 26;

  /** Checks the bound. */
  public TrainingMemory {
    if (headElements < 1) {
      throw new IllegalArgumentException("headElements must be at least 1, was " + headElements);
    }
  }

  /** Tokens whose logits are in memory at once, of so many ids each. */
  public int headRows(int ids) {
    return Math.max(FEWEST_HEAD_ROWS, headElements / ids);
  }

  /** Returns the fastest setting for small models. */
  public static TrainingMemory defaults(Device device) {
    return new TrainingMemory(
        /* packing= */ true,
        /* recomputeLayers= */ false,
        device.isGpu() ? GPU_HEAD_ELEMENTS : CPU_HEAD_ELEMENTS);
  }

  /** The same with packing on or off. */
  public TrainingMemory withPacking(boolean on) {
    return new TrainingMemory(on, recomputeLayers, headElements);
  }

  /** The same with recomputation on or off. */
  public TrainingMemory withRecomputation(boolean on) {
    return new TrainingMemory(packing, on, headElements);
  }

  /** The same with another bound on the loss head. */
  public TrainingMemory withHeadElements(int elements) {
    return new TrainingMemory(packing, recomputeLayers, elements);
  }
}
