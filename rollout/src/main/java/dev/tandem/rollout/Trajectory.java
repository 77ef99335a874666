package dev.tandem.rollout;

import dev.tandem.harness.run.Episode;

/**
 * One judged episode.
 *
 * @param id unique within a run, such as {@code r0003-0042}
 * @param phase what it was played for
 * @param round the training round it was sampled in
 * @param harnessHash the harness version it began under
 * @param checkpoint name of the weights that acted
 * @param seed of the episode's random streams
 */
public record Trajectory(
    String id,
    Phase phase,
    int round,
    TaskSpec task,
    String harnessHash,
    String checkpoint,
    long seed,
    Episode episode,
    Verdict verdict) {

  /** The scalar that training maximises: the strict score. */
  public double reward() {
    return verdict.strict();
  }

  /** Tokens the model produced. */
  public int responseTokens() {
    return episode.turns().stream().mapToInt(turn -> turn.tokens().responseLength()).sum();
  }

  /** Tokens the model read, counted once per call. */
  public int promptTokens() {
    return episode.turns().stream().mapToInt(turn -> turn.tokens().promptLength()).sum();
  }
}
