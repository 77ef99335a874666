package dev.tandem.trainer.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.inference.AlternativeHypothesis;
import org.apache.commons.math3.stat.inference.BinomialTest;
import org.jspecify.annotations.Nullable;

/**
 * One condition against another, on the same tasks after runs with the same seeds. Differences are
 * shares of tasks, in [-1, 1], positive where the first is better.
 *
 * @param pairs one a seed
 * @param overSeeds Student's interval of the mean difference for a new seed; absent with one seed
 * @param overTasks normal interval of the mean difference of these very runs on new tasks; it knows
 *     nothing of other seeds
 */
public record Contrast(
    String condition,
    String against,
    double difference,
    List<Pair> pairs,
    @Nullable Interval overSeeds,
    Interval overTasks) {
  private static final double CONFIDENCE = 0.95;
  private static final double NORMAL = 1.959963984540054;

  /**
   * The two runs of a seed.
   *
   * @param tasks that both were judged on
   * @param won tasks that only the first solves
   * @param lost tasks that only the second solves
   * @param p of the exact two-sided sign test on those (McNemar 1947)
   */
  public record Pair(long seed, int tasks, int won, int lost, double p) {
    /**
     * Counts.
     *
     * @throws IllegalArgumentException if the two have no task in common
     */
    public static Pair of(long seed, Solved one, Solved other) {
      int tasks = 0;
      int won = 0;
      int lost = 0;
      for (Map.Entry<String, Boolean> entry : one.byTask().entrySet()) {
        Boolean solvedByOther = other.byTask().get(entry.getKey());
        if (solvedByOther != null) {
          tasks++;
          won += entry.getValue() && !solvedByOther ? 1 : 0;
          lost += !entry.getValue() && solvedByOther ? 1 : 0;
        }
      }
      if (tasks == 0) {
        throw new IllegalArgumentException(
            "the two runs of seed %d have no task in common".formatted(seed));
      }
      double p =
          won + lost == 0
              ? 1
              : new BinomialTest()
                  .binomialTest(won + lost, won, 0.5, AlternativeHypothesis.TWO_SIDED);
      return new Pair(seed, tasks, won, lost, p);
    }

    /** Share of the tasks that the first solves above the second. */
    public double difference() {
      return (double) (won - lost) / tasks;
    }

    /** Of the difference over tasks: its squared standard error. */
    double variance() {
      double mean = difference();
      return ((double) (won + lost) / tasks - mean * mean) / tasks;
    }
  }

  public Contrast {
    pairs = List.copyOf(pairs);
  }

  /** Of two conditions, over the seeds that both have. */
  static Contrast of(String condition, String against, List<Pair> pairs) {
    double[] differences = pairs.stream().mapToDouble(Pair::difference).toArray();
    int seeds = differences.length;
    double mean = pairs.stream().mapToDouble(Pair::difference).average().orElseThrow();
    double ofTasks = NORMAL * Math.sqrt(pairs.stream().mapToDouble(Pair::variance).sum()) / seeds;
    return new Contrast(
        condition,
        against,
        mean,
        new ArrayList<>(pairs),
        seeds < 2 ? null : overSeeds(differences, mean),
        new Interval(mean - ofTasks, mean + ofTasks));
  }

  private static Interval overSeeds(double[] differences, double mean) {
    double squares = 0;
    for (double difference : differences) {
      squares += (difference - mean) * (difference - mean);
    }
    int seeds = differences.length;
    double error = Math.sqrt(squares / (seeds - 1) / seeds);
    double half =
        error * new TDistribution(seeds - 1.0).inverseCumulativeProbability(0.5 + CONFIDENCE / 2);
    return new Interval(mean - half, mean + half);
  }
}
