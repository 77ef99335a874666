package dev.tandem.aegis.screen;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Looks among all pairs of levers for those that do more, or less, together than apart, by the
 * score of the pair's product against what the levers alone leave unexplained.
 */
final class PairSearch {
  private final Columns columns;
  private final List<WeightedBlock> blocks;
  private final Map<String, double[]> effects;
  private final double noise;

  /**
   * @param effects of the columns, by cluster
   * @param noise variance of an episode that the levers do not explain
   */
  PairSearch(
      Columns columns, List<WeightedBlock> blocks, Map<String, double[]> effects, double noise) {
    this.columns = columns;
    this.blocks = blocks;
    this.effects = effects;
    this.noise = noise;
  }

  private record Score(int first, int second, double deviations) {}

  /**
   * The strongest pairs.
   *
   * @param threshold standard errors that a pair must show
   */
  List<Columns.Pair> strongest(int most, double threshold) {
    int count = columns.levers().size();
    double[][] score = new double[count][count];
    double[][] variance = new double[count][count];
    for (WeightedBlock block : blocks) {
      add(block, score, variance);
    }
    List<Score> found = new ArrayList<>();
    for (int a = 0; a < count; a++) {
      for (int b = a + 1; b < count; b++) {
        boolean apart = !columns.levers().get(a).factor().equals(columns.levers().get(b).factor());
        double deviations = variance[a][b] > 0 ? score[a][b] / Math.sqrt(variance[a][b]) : 0;
        if (apart && Math.abs(deviations) > threshold) {
          found.add(new Score(a, b, deviations));
        }
      }
    }
    double[] usual = usual();
    return found.stream()
        .sorted(Comparator.comparingDouble((Score one) -> -Math.abs(one.deviations)))
        .limit(most)
        .map(one -> new Columns.Pair(one.first, one.second, usual[one.first], usual[one.second]))
        .toList();
  }

  private void add(WeightedBlock block, double[][] score, double[][] variance) {
    double[][] rows = block.deviations();
    int[] attempts = block.attemptsByArm();
    double[] residuals = block.residuals(effects.getOrDefault(block.cluster(), new double[0]));
    int all = block.attempts();
    double squared = block.weight() * block.weight() * noise;
    for (int a = 0; a < score.length; a++) {
      for (int b = a + 1; b < score.length; b++) {
        double sum = 0;
        double squares = 0;
        double moment = 0;
        for (int arm = 0; arm < rows.length; arm++) {
          double product = rows[arm][a] * rows[arm][b];
          sum += attempts[arm] * product;
          squares += attempts[arm] * product * product;
          // Residuals of a task add up to 0, so that the product need not be centred here.
          moment += product * residuals[arm];
        }
        score[a][b] += block.weight() * moment;
        variance[a][b] += squared * (squares - sum * sum / all);
      }
    }
  }

  /** How often each lever is on, in round figures, so that a column's meaning is stable. */
  private double[] usual() {
    double[] usual = new double[columns.levers().size()];
    double total = 0;
    for (WeightedBlock block : blocks) {
      total += block.attempts();
      for (int j = 0; j < usual.length; j++) {
        usual[j] += block.attempts() * block.means()[j];
      }
    }
    for (int j = 0; j < usual.length; j++) {
      usual[j] = Math.round(10 * usual[j] / total) / 10.0;
    }
    return usual;
  }
}
