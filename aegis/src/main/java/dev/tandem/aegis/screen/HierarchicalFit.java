package dev.tandem.aegis.screen;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Effects of all columns in all clusters at once. A cluster's effect is the overall one plus a
 * deviation, {@code theta_c = beta + delta_c}; both have Student-t priors around 0 with few degrees
 * of freedom, so that many small effects are shrunk hard and a blunder, or harm confined to one
 * cluster, hardly at all. The t is a scale mixture of normals: variational updates of each
 * coefficient's own scale and of the common ones alternate with the exact normal solution (Tipping
 * and Lawrence, "Variational inference for Student-t models", Neurocomputing 69, 2005). Given the
 * scales the deviations are integrated out cluster by cluster, so that nothing larger than columns
 * by columns is ever inverted.
 */
final class HierarchicalFit {
  /** Degrees of freedom of the priors. */
  private static final double FREEDOM = 4;

  /** What the guess of a common scale weighs, in coefficients. */
  private static final double GUESS = 8;

  /** Least share of its guess that the common scale of effects is taken to be. */
  private static final double LEAST = 0.4;

  private static final int ITERATIONS = 10;

  /** From scales that are nearly right. */
  private static final int AGAIN = 3;

  private final NormalEquations equations;
  private final EffectSettings settings;
  private final int columns;
  private final double[] effectVariances;
  private final List<double[]> clusterVariances = new ArrayList<>();
  private boolean solved;

  HierarchicalFit(NormalEquations equations, int columns, EffectSettings settings) {
    this.equations = equations;
    this.settings = settings;
    this.columns = columns;
    this.effectVariances = new double[columns];
    Arrays.fill(effectVariances, square(settings.effectScale()));
    for (int c = 0; c < equations.clusters().size(); c++) {
      double[] variances = new double[columns];
      Arrays.fill(variances, square(settings.clusterScale()));
      clusterVariances.add(variances);
    }
  }

  /**
   * The normal posterior under fixed scales.
   *
   * @param mean of the overall effects
   * @param covariance of the overall effects
   * @param clusters in the order of the equations
   */
  @SuppressWarnings("ArrayRecordComponent") // numbers on their way, never compared
  record Solution(double[] mean, double[][] covariance, List<ClusterPart> clusters) {
    /** Posterior mean of each cluster's effects. */
    List<double[]> effects() {
      return clusters.stream().map(part -> part.mean(mean)).toList();
    }
  }

  /**
   * A cluster's effects given the overall ones: normal around {@code carry beta + offset}.
   *
   * @param carry what of the overall effects goes into the cluster's
   * @param offset what the cluster's own evidence adds
   * @param covariance of the cluster's effects given the overall ones
   */
  @SuppressWarnings("ArrayRecordComponent") // numbers on their way, never compared
  record ClusterPart(double[][] carry, double[] offset, double[][] covariance) {
    double[] mean(double[] overall) {
      double[] mean = Matrices.times(carry, overall);
      for (int i = 0; i < mean.length; i++) {
        mean[i] += offset[i];
      }
      return mean;
    }
  }

  /** Solves with scales learnt from the evidence itself. */
  Solution solve(double noise) {
    Solution solution = solution(noise);
    int iterations = solved ? AGAIN : ITERATIONS;
    for (int i = 0; i < iterations; i++) {
      rescale(solution);
      solution = solution(noise);
    }
    solved = true;
    return solution;
  }

  private Solution solution(double noise) {
    double[][] information = new double[columns][columns];
    for (int i = 0; i < columns; i++) {
      information[i][i] = 1 / effectVariances[i];
    }
    double[] moment = new double[columns];
    List<ClusterPart> parts = new ArrayList<>();
    for (int c = 0; c < clusterVariances.size(); c++) {
      ClusterPart part = part(c, noise);
      double[] variances = clusterVariances.get(c);
      for (int i = 0; i < columns; i++) {
        information[i][i] += 1 / variances[i];
        moment[i] += part.offset[i] / variances[i];
        for (int j = 0; j < columns; j++) {
          information[i][j] -= part.carry[i][j] / variances[i];
        }
      }
      parts.add(part);
    }
    double[][] covariance = Matrices.inverse(information);
    return new Solution(Matrices.times(covariance, moment), covariance, parts);
  }

  private ClusterPart part(int cluster, double noise) {
    double[] variances = clusterVariances.get(cluster);
    double[][] product = equations.products().get(cluster);
    double[] moment = equations.moments().get(cluster);
    double[][] precision = new double[columns][columns];
    double[] evidence = new double[columns];
    for (int i = 0; i < columns; i++) {
      for (int j = 0; j < columns; j++) {
        precision[i][j] = product[i][j] / noise;
      }
      precision[i][i] += 1 / variances[i];
      evidence[i] = moment[i] / noise;
    }
    double[][] covariance = Matrices.inverse(precision);
    double[][] carry = new double[columns][columns];
    for (int i = 0; i < columns; i++) {
      for (int j = 0; j < columns; j++) {
        carry[i][j] = covariance[i][j] / variances[j];
      }
    }
    return new ClusterPart(carry, Matrices.times(covariance, evidence), covariance);
  }

  /** Each coefficient's own prior variance, and the common scales, from the present posterior. */
  private void rescale(Solution solution) {
    double[] effectSquares = new double[columns];
    for (int j = 0; j < columns; j++) {
      effectSquares[j] = square(solution.mean[j]) + solution.covariance[j][j];
    }
    rescale(
        List.of(effectVariances),
        List.of(effectSquares),
        settings.effectScale(),
        square(LEAST * settings.effectScale()));
    List<double[]> clusterSquares = new ArrayList<>();
    for (ClusterPart part : solution.clusters) {
      double[] squares = new double[columns];
      for (int j = 0; j < columns; j++) {
        double[] away = part.carry[j].clone();
        away[j] -= 1;
        squares[j] =
            square(Matrices.dot(away, solution.mean) + part.offset[j])
                + part.covariance[j][j]
                + Matrices.quadratic(solution.covariance, away);
      }
      clusterSquares.add(squares);
    }
    rescale(
        clusterVariances, clusterSquares, settings.clusterScale(), square(settings.clusterScale()));
  }

  private static void rescale(
      List<double[]> variances, List<double[]> squares, double guess, double least) {
    double sum = GUESS * square(guess);
    double count = GUESS;
    for (int c = 0; c < variances.size(); c++) {
      for (int j = 0; j < variances.get(c).length; j++) {
        sum += weight(squares.get(c)[j], variances.get(c)[j]) * squares.get(c)[j];
        count++;
      }
    }
    double common = Math.max(least, sum / count);
    for (int c = 0; c < variances.size(); c++) {
      for (int j = 0; j < variances.get(c).length; j++) {
        variances.get(c)[j] = common / weight(squares.get(c)[j], common);
      }
    }
  }

  /** How much narrower than the common scale a coefficient's own is. */
  private static double weight(double squared, double common) {
    return (FREEDOM + 1) / (FREEDOM + squared / common);
  }

  private static double square(double value) {
    return value * value;
  }
}
