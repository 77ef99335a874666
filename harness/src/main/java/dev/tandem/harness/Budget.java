package dev.tandem.harness;

/**
 * Limits of an episode.
 *
 * @param steps environment actions
 * @param modelCallsPerStep first call and retries of one step
 * @param tokens prompt and response tokens over the episode
 */
public record Budget(int steps, int modelCallsPerStep, long tokens) {
  public Budget {
    if (steps < 1 || modelCallsPerStep < 1 || tokens < 1) {
      throw new IllegalArgumentException(
          "steps, model calls per step and tokens of a budget must be at least 1, were %d, %d and %d"
              .formatted(steps, modelCallsPerStep, tokens));
    }
  }
}
