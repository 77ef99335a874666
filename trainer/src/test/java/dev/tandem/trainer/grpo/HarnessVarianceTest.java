package dev.tandem.trainer.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HarnessVarianceTest {
  private static final int TASKS = 30;
  private static final int HARNESSES = 8;

  /** Six attempts at each task, each under some harness; noise of standard deviation 1. */
  private static List<RewardedTrajectory> played(long seed, IntToDoubleFunction effect) {
    SplittableRandom random = new SplittableRandom(seed);
    List<RewardedTrajectory> played = new ArrayList<>();
    for (int task = 0; task < TASKS; task++) {
      double level = 3 * random.nextGaussian();
      for (int attempt = 0; attempt < 6; attempt++) {
        int harness = random.nextInt(HARNESSES);
        played.add(
            new RewardedTrajectory(
                "task " + task,
                "harness " + harness,
                level + effect.applyAsDouble(harness) + random.nextGaussian()));
      }
    }
    return played;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void isTheAdjustedShareOfALeastSquaresFit(long seed) {
    List<RewardedTrajectory> played = played(seed, harness -> 0.4 * harness);
    int n = played.size();
    double[][] both = new double[n][TASKS + HARNESSES - 1];
    double[][] tasks = new double[n][TASKS];
    double[] rewards = new double[n];
    for (int i = 0; i < n; i++) {
      int task = Integer.parseInt(played.get(i).taskKey().substring("task ".length()));
      int harness = Integer.parseInt(played.get(i).harnessHash().substring("harness ".length()));
      tasks[i][task] = 1;
      both[i][task] = 1;
      if (harness > 0) {
        both[i][TASKS + harness - 1] = 1;
      }
      rewards[i] = played.get(i).reward();
    }
    double explained =
        1
            - residual(both, rewards)
                / (n - TASKS - HARNESSES + 1)
                / (residual(tasks, rewards) / (n - TASKS));
    assertThat(HarnessVariance.explained(played).orElseThrow()).isCloseTo(explained, within(1e-9));
  }

  /** Residual sum of squares, by the normal equations. */
  private static double residual(double[][] design, double[] values) {
    int columns = design[0].length;
    double[][] normal = new double[columns][columns + 1];
    for (int i = 0; i < design.length; i++) {
      for (int a = 0; a < columns; a++) {
        for (int b = 0; b < columns; b++) {
          normal[a][b] += design[i][a] * design[i][b];
        }
        normal[a][columns] += design[i][a] * values[i];
      }
    }
    for (int pivot = 0; pivot < columns; pivot++) {
      for (int row = 0; row < columns; row++) {
        double factor = row == pivot ? 0 : normal[row][pivot] / normal[pivot][pivot];
        for (int column = pivot; column <= columns; column++) {
          normal[row][column] -= factor * normal[pivot][column];
        }
      }
    }
    double sum = 0;
    for (int i = 0; i < design.length; i++) {
      double rest = values[i];
      for (int a = 0; a < columns; a++) {
        rest -= design[i][a] * normal[a][columns] / normal[a][a];
      }
      sum += rest * rest;
    }
    return sum;
  }

  /** Effects of variance 21/16 beside noise of variance 1. */
  @Test
  void onAverageTellsTheTruth() {
    double none = 0;
    double some = 0;
    for (long seed = 0; seed < 100; seed++) {
      none += HarnessVariance.explained(played(seed, _ -> 0)).orElseThrow() / 100;
      some += HarnessVariance.explained(played(seed, h -> 0.5 * h)).orElseThrow() / 100;
    }
    assertThat(none).isCloseTo(0, within(0.01));
    assertThat(some).isCloseTo(1.3125 / 2.3125, within(0.02));
  }

  @Test
  void cannotBeToldWhereNothingVariesOrEveryEpisodeHasItsOwnHarness() {
    List<RewardedTrajectory> same = new ArrayList<>();
    List<RewardedTrajectory> single = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      same.add(new RewardedTrajectory("task " + i % 3, "harness " + i % 2, 0.1));
      single.add(new RewardedTrajectory("task " + i % 3, "harness " + i, i % 5));
    }
    assertThat(HarnessVariance.explained(same)).isEmpty();
    assertThat(HarnessVariance.explained(single)).isEmpty();
  }

  @Test
  void oneHarnessExplainsNothing() {
    List<RewardedTrajectory> one = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      one.add(new RewardedTrajectory("task " + i % 3, "the only one", i % 5));
    }
    assertThat(HarnessVariance.explained(one).orElseThrow()).isCloseTo(0, within(1e-12));
  }
}
