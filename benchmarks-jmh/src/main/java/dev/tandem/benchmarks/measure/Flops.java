package dev.tandem.benchmarks.measure;

/**
 * Floating-point operations of what is no single one. They are no fields of {@link Traffic}, whose
 * public fields JMH takes for counters.
 */
public final class Flops {
  /** Operations in a float32 exponential: a split of 4 and a polynomial of degree 6. */
  public static final long EXPONENTIAL = 18;

  private Flops() {}
}
