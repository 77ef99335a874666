package dev.tandem.trainer.recipe;

/**
 * What is measured for the report.
 *
 * @param sealedEpisodes episodes on the sealed split at the start and the end; nothing selects on
 *     them
 * @param curveEpisodes of them, how many are played for the curve between
 * @param every rounds between two points of the curve
 */
public record EvaluationSettings(int sealedEpisodes, int curveEpisodes, int every) {
  public static final EvaluationSettings DEFAULTS = new EvaluationSettings(500, 200, 2);

  public EvaluationSettings {
    Require.atLeast("sealed_episodes", sealedEpisodes, 1);
    Require.atLeast("curve_episodes", curveEpisodes, 1);
    Require.atLeast("every", every, 1);
  }
}
