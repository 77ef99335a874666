package dev.tandem.aegis.screen;

/**
 * One episode that was judged.
 *
 * @param task key of the task; attempts at one task in one round form a block
 * @param cluster what kind of task it is
 * @param arm the harness version that played
 * @param lenient what a laxer verifier would give, in [0, 1]
 * @param exploited whether there were signs of gaming the verifier
 */
public record Observation(
    int round,
    String task,
    String cluster,
    Assignment arm,
    boolean success,
    double lenient,
    boolean exploited) {
  /** Where every verifier says the same, and nothing is suspicious. */
  public Observation(int round, String task, String cluster, Assignment arm, boolean success) {
    this(round, task, cluster, arm, success, success ? 1 : 0, false);
  }
}
