package dev.tandem.harness.run;

/**
 * A stretch of an episode over which the history only grew.
 *
 * @param firstStep its first step
 * @param endStep the step after its last
 * @param cause the processor that restructured the history at {@code firstStep}, {@code swap} where
 *     another harness version began; empty for the first segment
 */
public record Segment(int firstStep, int endStep, String cause) {}
