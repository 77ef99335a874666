package dev.tandem.aegis.screen;

import dev.tandem.aegis.screen.HierarchicalFit.Solution;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Estimates what levers do from episodes of many harness versions, by shrunken linear regression of
 * success minus its task's mean on levels minus their task's mean. Success is a yes or no and its
 * chance no straight line, so effects are averages over the tasks and versions that were played:
 * that is what a ship will bring, near enough, and needs no guess of a link function.
 *
 * <p>Episodes of one task are not independent: levers matter more at some tasks than at others, and
 * a task may recur. The noise is therefore multiplied by how much the tasks' scores vary beyond
 * what independent episodes would (Liang and Zeger, "Longitudinal data analysis using generalized
 * linear models", Biometrika 73, 1986).
 */
public final class EffectModel {
  private static final double LEAST_NOISE = 0.02;
  private static final double BARE_NOISE = 0.25;

  /** How many standard errors the residuals must show of a pair for it to join. */
  private static final double NOTICED = 3.5;

  private EffectModel() {}

  /**
   * What the evidence says up to a round.
   *
   * @param factors that play or have played; evidence of others is ignored
   * @param round the present one, from which older evidence fades
   */
  public static Posterior fit(
      Evidence evidence, Collection<Factor> factors, int round, EffectSettings settings) {
    return fit(evidence, factors, round, settings, Measure.SUCCESS);
  }

  /** What the evidence says of what else levers may change. */
  public static Posterior fit(
      Evidence evidence,
      Collection<Factor> factors,
      int round,
      EffectSettings settings,
      Measure measure) {
    Columns columns = Columns.of(factors);
    List<WeightedBlock> blocks = WeightedBlock.of(evidence, columns, round, settings, measure);
    Posterior plain = fit(columns, blocks, settings);
    if (settings.interactions() == 0 || blocks.isEmpty()) {
      return plain;
    }
    List<Columns.Pair> pairs =
        new PairSearch(columns, blocks, plain.effectsByCluster(), plain.noise())
            .strongest(settings.interactions(), NOTICED);
    if (pairs.isEmpty()) {
      return plain;
    }
    Columns extended = columns.withPairs(pairs);
    return fit(extended, WeightedBlock.of(evidence, extended, round, settings, measure), settings);
  }

  private static Posterior fit(
      Columns columns, List<WeightedBlock> blocks, EffectSettings settings) {
    NormalEquations equations = NormalEquations.of(blocks, columns.count());
    HierarchicalFit fit = new HierarchicalFit(equations, columns.count(), settings);
    double noise = BARE_NOISE;
    if (equations.freedom() > 0) {
      noise = equations.squares() / equations.freedom();
      noise = noise(equations, fit.solve(Math.max(LEAST_NOISE, noise)), columns.count());
    }
    Solution solution = fit.solve(noise);
    double inflation = inflation(columns, blocks, equations, solution, noise);
    return new Posterior(
        columns,
        equations,
        inflation > 1 ? fit.solve(noise * inflation) : solution,
        noise,
        inflation,
        settings.clusterScale() * settings.clusterScale());
  }

  private static double noise(NormalEquations equations, Solution solution, int columns) {
    double freedom = Math.max(equations.freedom() / 2, equations.freedom() - columns);
    return Math.max(LEAST_NOISE, equations.residual(solution.effects()) / freedom);
  }

  /** Mean over levers of how much the variance of their scores by task exceeds the assumed one. */
  private static double inflation(
      Columns columns,
      List<WeightedBlock> blocks,
      NormalEquations equations,
      Solution solution,
      double noise) {
    List<double[]> effects = solution.effects();
    int count = columns.count();
    Map<String, double[]> scores = new LinkedHashMap<>();
    double[] assumed = new double[count];
    for (WeightedBlock block : blocks) {
      double[] score = scores.computeIfAbsent(block.task(), key -> new double[count]);
      double[] residuals =
          block.residuals(effects.get(equations.clusters().indexOf(block.cluster())));
      for (int arm = 0; arm < residuals.length; arm++) {
        for (int j = 0; j < count; j++) {
          double deviation = block.weight() * block.deviations()[arm][j];
          score[j] += deviation * residuals[arm];
          assumed[j] += noise * block.attemptsByArm()[arm] * deviation * deviation;
        }
      }
    }
    double seen = 0;
    double expected = 0;
    for (double[] score : scores.values()) {
      for (int j = 0; j < count; j++) {
        // Every lever counts alike, however often it played.
        seen += assumed[j] > 0 ? score[j] * score[j] / assumed[j] : 0;
      }
    }
    for (double one : assumed) {
      expected += one > 0 ? 1 : 0;
    }
    return expected == 0 ? 1 : Math.max(1, seen / expected);
  }
}
