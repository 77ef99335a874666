package dev.tandem.aegis.screen;

import dev.tandem.aegis.screen.HierarchicalFit.ClusterPart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What is known of every lever: a joint normal distribution, from which the effect of any change
 * can be read, overall or in one cluster. It is a function of the evidence and is not stored.
 */
public final class Posterior {
  private final Columns columns;
  private final NormalEquations equations;
  private final HierarchicalFit.Solution solution;
  private final double noise;
  private final double inflation;
  private final double clusterVariance;
  private final ClusterSet scope;

  Posterior(
      Columns columns,
      NormalEquations equations,
      HierarchicalFit.Solution solution,
      double noise,
      double inflation,
      double clusterVariance) {
    this(columns, equations, solution, noise, inflation, clusterVariance, ClusterSet.ALL);
  }

  private Posterior(
      Columns columns,
      NormalEquations equations,
      HierarchicalFit.Solution solution,
      double noise,
      double inflation,
      double clusterVariance,
      ClusterSet scope) {
    this.columns = columns;
    this.equations = equations;
    this.solution = solution;
    this.noise = noise;
    this.inflation = inflation;
    this.clusterVariance = clusterVariance;
    this.scope = scope;
  }

  /** The same where only tasks of these kinds count. */
  public Posterior within(ClusterSet clusters) {
    return new Posterior(columns, equations, solution, noise, inflation, clusterVariance, clusters);
  }

  /** Effect of going from one assignment to another, over the mix of tasks that was played. */
  public Effect effect(Assignment from, Assignment to) {
    double[] change = change(from, to);
    int[] seen = seen();
    if (seen.length == 0) {
      return new Effect(
          Matrices.dot(change, solution.mean()),
          Math.sqrt(Matrices.quadratic(solution.covariance(), change)));
    }
    double mean = 0;
    double variance = 0;
    double[] carried = new double[columns.count()];
    double all = tasks(seen);
    for (int c : seen) {
      double share = equations.tasks()[c] / all;
      ClusterPart part = solution.clusters().get(c);
      mean += share * Matrices.dot(change, part.mean(solution.mean()));
      variance += share * share * Matrices.quadratic(part.covariance(), change);
      double[] own = Matrices.transposedTimes(part.carry(), change);
      for (int j = 0; j < carried.length; j++) {
        carried[j] += share * own[j];
      }
    }
    variance += Matrices.quadratic(solution.covariance(), carried);
    return new Effect(mean, Math.sqrt(variance));
  }

  /** The same in one cluster, which may be one that has not been seen. */
  public Effect effect(Assignment from, Assignment to, String cluster) {
    double[] change = change(from, to);
    int index = equations.clusters().indexOf(cluster);
    if (index < 0) {
      double overall = Matrices.quadratic(solution.covariance(), change);
      double own = Matrices.dot(change, change) * clusterVariance;
      return new Effect(Matrices.dot(change, solution.mean()), Math.sqrt(overall + own));
    }
    ClusterPart part = solution.clusters().get(index);
    double[] carried = Matrices.transposedTimes(part.carry(), change);
    double variance =
        Matrices.quadratic(solution.covariance(), carried)
            + Matrices.quadratic(part.covariance(), change);
    return new Effect(Matrices.dot(change, part.mean(solution.mean())), Math.sqrt(variance));
  }

  /** The same in every cluster at once, with what the clusters have in common. */
  public ClusterEffects effects(Assignment from, Assignment to) {
    double[] change = change(from, to);
    int[] seen = seen();
    int count = seen.length;
    double[] means = new double[count];
    double[][] covariance = new double[count][count];
    List<double[]> carried = new ArrayList<>();
    TreeMap<String, Double> shares = new TreeMap<>();
    double all = tasks(seen);
    for (int c = 0; c < count; c++) {
      ClusterPart part = solution.clusters().get(seen[c]);
      means[c] = Matrices.dot(change, part.mean(solution.mean()));
      carried.add(Matrices.transposedTimes(part.carry(), change));
      shares.put(equations.clusters().get(seen[c]), equations.tasks()[seen[c]] / all);
    }
    for (int a = 0; a < count; a++) {
      double[] spread = Matrices.times(solution.covariance(), carried.get(a));
      for (int b = 0; b < count; b++) {
        covariance[a][b] = Matrices.dot(spread, carried.get(b));
      }
      covariance[a][a] += Matrices.quadratic(solution.clusters().get(seen[a]).covariance(), change);
    }
    return ClusterEffects.of(shares, means, covariance);
  }

  /** Clusters that have been seen, of those that count, sorted. */
  public List<String> clusters() {
    return equations.clusters().stream().filter(scope::contains).toList();
  }

  /** Their places. */
  private int[] seen() {
    return IntStream.range(0, equations.clusters().size())
        .filter(c -> scope.contains(equations.clusters().get(c)))
        .toArray();
  }

  /** Their share of all tasks. */
  private double tasks(int[] clusters) {
    // What is not narrowed down is not divided either: shares may add up to 1 only nearly.
    return clusters.length == equations.clusters().size()
        ? 1
        : Arrays.stream(clusters).mapToDouble(c -> equations.tasks()[c]).sum();
  }

  /** Variance of one episode's success within a task, above what the levers explain. */
  public double noise() {
    return noise;
  }

  /**
   * By how much episodes of one task are worth less than independent ones: variance of the tasks'
   * scores over what independent episodes would have, at least 1.
   */
  public double inflation() {
    return inflation;
  }

  /** Pairs of levers that were noticed to do more, or less, together than apart. */
  public List<Interaction> interactions() {
    List<Interaction> found = new ArrayList<>();
    for (int i = 0; i < columns.pairs().size(); i++) {
      Columns.Pair pair = columns.pairs().get(i);
      int at = columns.levers().size() + i;
      found.add(
          new Interaction(
              columns.levers().get(pair.first()),
              columns.levers().get(pair.second()),
              new Effect(solution.mean()[at], Math.sqrt(solution.covariance()[at][at]))));
    }
    return found;
  }

  /** What two levers do together beyond what each does. */
  public record Interaction(Lever first, Lever second, Effect effect) {}

  /** Posterior mean of all columns, by cluster. */
  Map<String, double[]> effectsByCluster() {
    Map<String, double[]> effects = new TreeMap<>();
    for (int c = 0; c < equations.clusters().size(); c++) {
      effects.put(equations.clusters().get(c), solution.clusters().get(c).mean(solution.mean()));
    }
    return effects;
  }

  private double[] change(Assignment from, Assignment to) {
    double[] change = columns.features(to);
    double[] before = columns.features(from);
    for (int j = 0; j < change.length; j++) {
      change[j] -= before[j];
    }
    return change;
  }
}
