package dev.tandem.trainer.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.kernels.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdvantagesTest {
  private static final Offset<Double> ROUNDING = within(1e-9);

  @Test
  void comparesAnAttemptWithTheOthersAtItsTaskWhateverTheHarness() {
    // task a: rewards 1 0 0 1, mean 1/2, sample variance 4 * 1/4 / 3 = 1/3; task b has one attempt
    List<RewardedTrajectory> round =
        List.of(
            of("a", "h", 1), of("b", "h", 1), of("a", "g", 0), of("a", "h", 0), of("a", "g", 1));
    Advantages advantages = compute(round, AdvantageEstimator.GRPO, GroupBy.TASK);
    double unit = 0.5 / (Math.sqrt(1 / 3.0) + 1e-6);
    assertThat(advantages.values())
        .containsExactly(new double[] {unit, 0, -unit, -unit, unit}, within(1e-15));
    assertThat(advantages.groups()).isEqualTo(2);
    assertThat(advantages.zeroVarianceFraction()).isEqualTo(0.5);
  }

  @Test
  void comparesOnlyUnderOneHarnessWhenAsked() {
    List<RewardedTrajectory> round =
        List.of(of("a", "h", 1), of("a", "g", 0.5), of("a", "h", 0), of("a", "g", 0.5));
    Advantages advantages = compute(round, AdvantageEstimator.DR_GRPO, GroupBy.TASK_AND_HARNESS);
    assertThat(advantages.values()).containsExactly(0.5, 0, -0.5, 0);
    assertThat(advantages.zeroVarianceFraction()).isEqualTo(0.5);
  }

  @Test
  void reinforcePlusPlusDividesByTheDeviationOfTheWholeBatch() {
    // centred 1/2 -1/2 2 -2; their sample variance is (1/4 + 1/4 + 4 + 4) / 3
    List<RewardedTrajectory> round =
        List.of(of("a", "h", 1), of("a", "h", 0), of("b", "h", 4), of("b", "h", 0));
    double deviation = Math.sqrt(8.5 / 3) + 1e-6;
    assertThat(compute(round, AdvantageEstimator.REINFORCE_PLUS_PLUS, GroupBy.TASK).values())
        .containsExactly(
            new double[] {0.5 / deviation, -0.5 / deviation, 2 / deviation, -2 / deviation},
            within(1e-15));
  }

  @ParameterizedTest
  @EnumSource(AdvantageEstimator.class)
  void groupsWithoutSignalAreExactlyZero(AdvantageEstimator estimator) {
    List<RewardedTrajectory> round =
        List.of(
            of("alone", "h", 7), of("same", "h", 0.1), of("same", "g", 0.1), of("same", "h", 0.1));
    for (GroupBy groupBy : List.of(GroupBy.TASK, GroupBy.TASK_AND_HARNESS)) {
      Advantages advantages = compute(round, estimator, groupBy);
      assertThat(advantages.values()).containsExactly(0, 0, 0, 0);
      assertThat(advantages.zeroVarianceFraction()).isEqualTo(1);
    }
    List<RewardedTrajectory> withSignal = new ArrayList<>(round);
    withSignal.add(of("mixed", "h", 0));
    withSignal.add(of("mixed", "g", 1));
    assertThat(compute(withSignal, estimator, GroupBy.TASK).values()).startsWith(0, 0, 0, 0);
    assertThat(compute(List.of(), estimator, GroupBy.TASK).values()).isEmpty();
    assertThat(compute(List.of(), estimator, GroupBy.TASK).zeroVarianceFraction()).isZero();
  }

  @Test
  void stepsThatBeganInOneStateAreComparedByWhatCameAfter() {
    // Task a: both attempts begin at s; the first has 3 steps and succeeds, comes through s again
    // after one, the second fails. Nobody else comes through t, and task b's s is another one.
    List<RewardedTrajectory> round = List.of(of("a", "h", 1), of("a", "g", 0), of("b", "h", 1));
    List<AnchoredStep> steps =
        List.of(
            new AnchoredStep(0, "s", 2),
            new AnchoredStep(0, "s", 1),
            new AnchoredStep(0, "t", 0),
            new AnchoredStep(1, "s", 4),
            new AnchoredStep(2, "s", 0));
    double mean = (0.81 + 0.9 + 0) / 3;
    assertThat(ofSteps(steps, round, AdvantageEstimator.DR_GRPO, GroupBy.TASK))
        .containsExactly(new double[] {0.81 - mean, 0.9 - mean, 0, -mean, 0}, within(1e-12));
    double deviation =
        Math.sqrt((Math.pow(0.81 - mean, 2) + Math.pow(0.9 - mean, 2) + Math.pow(mean, 2)) / 2)
            + 1e-6;
    assertThat(ofSteps(steps, round, AdvantageEstimator.GRPO, GroupBy.TASK))
        .containsExactly(
            new double[] {
              (0.81 - mean) / deviation, (0.9 - mean) / deviation, 0, -mean / deviation, 0
            },
            within(1e-12));
    assertThat(ofSteps(steps, round, AdvantageEstimator.DR_GRPO, GroupBy.TASK_AND_HARNESS))
        .containsExactly(new double[] {-0.045, 0.045, 0, 0, 0}, within(1e-12));
  }

  private static double[] ofSteps(
      List<AnchoredStep> steps,
      List<RewardedTrajectory> round,
      AdvantageEstimator estimator,
      GroupBy groupBy) {
    return Advantages.ofSteps(
        steps,
        round,
        new StepCredit.Anchors(3, 0.9),
        new AdvantageSettings(estimator, groupBy, 1e-6, 8),
        Kernels.best());
  }

  @Test
  void residualRemovesAPureHarnessOffset() {
    // Each harness attempts each task twice; g adds 0.4 whatever the task.
    List<RewardedTrajectory> round = new ArrayList<>();
    List<RewardedTrajectory> withoutOffset = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(3);
    for (int task = 0; task < 5; task++) {
      for (int attempt = 0; attempt < 2; attempt++) {
        double reward = random.nextInt(4) / 4.0;
        for (String harness : List.of("h", "g")) {
          withoutOffset.add(of("task " + task, harness, reward));
          round.add(of("task " + task, harness, reward + (harness.equals("g") ? 0.4 : 0)));
        }
      }
    }
    double[] expected = compute(withoutOffset, AdvantageEstimator.DR_GRPO, GroupBy.TASK).values();
    assertThat(residual(round, AdvantageEstimator.DR_GRPO, 0)).containsExactly(expected, ROUNDING);
    assertThat(compute(round, AdvantageEstimator.DR_GRPO, GroupBy.TASK).values())
        .isNotEqualTo(expected);
  }

  @Test
  void shrinkageRemovesTheFractionItsFormulaSays() {
    // Balanced: effect = n / (n + k) * (mean of h - mean overall), with n = 4 and k = 4: half of
    // +-0.2.
    List<RewardedTrajectory> round = new ArrayList<>();
    for (String task : List.of("a", "b")) {
      for (int attempt = 0; attempt < 2; attempt++) {
        round.add(of(task, "h", 0.3));
        round.add(of(task, "g", 0.7));
      }
    }
    double[] expected = new double[8];
    Arrays.setAll(expected, i -> i % 2 == 0 ? -0.1 : 0.1);
    assertThat(residual(round, AdvantageEstimator.DR_GRPO, 4)).containsExactly(expected, ROUNDING);
  }

  @Test
  void aHarnessThatWasGivenTheHardTasksIsNotBlamedForThem() {
    // Both harnesses do equally well on the task they share; h also ran three hard ones, g three
    // easy ones.
    List<RewardedTrajectory> round = new ArrayList<>();
    for (int attempt = 0; attempt < 4; attempt++) {
      double reward = attempt % 2;
      round.add(of("shared", "h", reward));
      round.add(of("shared", "g", reward));
      for (int task = 0; task < 3; task++) {
        round.add(of("hard " + task, "h", 0));
        round.add(of("easy " + task, "g", 1));
      }
    }
    assertThat(residual(round, AdvantageEstimator.GRPO, 2))
        .containsExactly(compute(round, AdvantageEstimator.GRPO, GroupBy.TASK).values(), ROUNDING);
  }

  @Test
  void effectsAreFoundAlsoWhereTasksAndHarnessesAreTangled() {
    // Rewards are exactly task + harness, and each harness leans towards tasks of its own: nothing
    // is left over.
    double[] tasks = {0.1, 0.9, 0.4};
    double[] harnesses = {0, 0.3, -0.2};
    int[][] attempts = {{6, 1, 0}, {1, 5, 1}, {0, 2, 7}};
    List<RewardedTrajectory> round = new ArrayList<>();
    for (int task = 0; task < 3; task++) {
      for (int harness = 0; harness < 3; harness++) {
        for (int attempt = 0; attempt < attempts[task][harness]; attempt++) {
          round.add(of("task " + task, "harness " + harness, tasks[task] + harnesses[harness]));
        }
      }
    }
    assertThat(residual(round, AdvantageEstimator.DR_GRPO, 0))
        .containsExactly(new double[round.size()], ROUNDING);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aRoundOfOneHarnessHasNoResidual(long seed) {
    List<RewardedTrajectory> round =
        randomRound(seed).stream().map(each -> of(each.taskKey(), "h", each.reward())).toList();
    for (AdvantageEstimator estimator : AdvantageEstimator.values()) {
      assertThat(residual(round, estimator, 8))
          .containsExactly(compute(round, estimator, GroupBy.TASK).values(), ROUNDING);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void shiftingEveryRewardChangesNothing(long seed) {
    List<RewardedTrajectory> round = randomRound(seed);
    List<RewardedTrajectory> shifted = map(round, reward -> reward - 3);
    for (AdvantageEstimator estimator : AdvantageEstimator.values()) {
      for (GroupBy groupBy : GroupBy.values()) {
        assertThat(compute(shifted, estimator, groupBy).values())
            .containsExactly(compute(round, estimator, groupBy).values(), ROUNDING);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void scalingEveryRewardScalesOnlyWhatIsNotNormalised(long seed) {
    List<RewardedTrajectory> round = randomRound(seed);
    List<RewardedTrajectory> scaled = map(round, reward -> 1000 * reward);
    for (AdvantageEstimator estimator : AdvantageEstimator.values()) {
      double factor =
          switch (estimator) {
            case GRPO, REINFORCE_PLUS_PLUS -> 1;
            case DR_GRPO, RLOO -> 1000;
          };
      double[] expected =
          Arrays.stream(compute(round, estimator, GroupBy.TASK).values())
              .map(advantage -> advantage * factor)
              .toArray();
      // epsilon next to a deviation of at least 1/8 moves the result by less than 1e-4
      assertThat(compute(scaled, estimator, GroupBy.TASK).values())
          .containsExactly(expected, within(1e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theOrderOfTrajectoriesDecidesOnlyTheOrderOfAdvantages(long seed) {
    List<RewardedTrajectory> round = randomRound(seed);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < round.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(seed));
    List<RewardedTrajectory> shuffled = order.stream().map(round::get).toList();
    for (AdvantageEstimator estimator : AdvantageEstimator.values()) {
      for (GroupBy groupBy : GroupBy.values()) {
        double[] before = compute(round, estimator, groupBy).values();
        double[] expected = order.stream().mapToDouble(i -> before[i]).toArray();
        assertThat(compute(shuffled, estimator, groupBy).values())
            .containsExactly(expected, ROUNDING);
      }
    }
  }

  @Test
  void refusesARewardThatIsNotANumber() {
    assertThatThrownBy(() -> of("a", "h", Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("reward of task a must be finite, was NaN");
  }

  /** Rewards in quarters, groups of very different size, harnesses unevenly spread. */
  private static List<RewardedTrajectory> randomRound(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<RewardedTrajectory> round = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      round.add(
          of(
              "task " + random.nextInt(1 + random.nextInt(12)),
              "harness " + random.nextInt(3),
              random.nextInt(5) / 4.0));
    }
    return round;
  }

  private static List<RewardedTrajectory> map(
      List<RewardedTrajectory> round, DoubleUnaryOperator change) {
    return round.stream()
        .map(each -> of(each.taskKey(), each.harnessHash(), change.applyAsDouble(each.reward())))
        .toList();
  }

  private static RewardedTrajectory of(String task, String harness, double reward) {
    return new RewardedTrajectory(task, harness, reward);
  }

  private static Advantages compute(
      List<RewardedTrajectory> round, AdvantageEstimator estimator, GroupBy groupBy) {
    return Advantages.compute(
        round, new AdvantageSettings(estimator, groupBy, 1e-6, 8), Kernels.scalar());
  }

  private static double[] residual(
      List<RewardedTrajectory> round, AdvantageEstimator estimator, double shrinkage) {
    return Advantages.compute(
            round,
            new AdvantageSettings(estimator, GroupBy.TASK_RESIDUAL, 1e-6, shrinkage),
            Kernels.scalar())
        .values();
  }
}
