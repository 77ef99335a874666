package dev.tandem.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.run.Turn;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.grpo.Aggregation;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.PolicyLoss;
import dev.tandem.trainer.grpo.ReferencePull;
import dev.tandem.trainer.grpo.SequenceUnit;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.OptimiserSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class GrpoTrainerTest extends LearnerTests {
  @Test
  void makesTheRewardedResponseLikelierAndTheOtherUnlikelier() {
    double good = logProb(policy, GOOD);
    double bad = logProb(policy, BAD);
    LearningMetrics metrics = learn(trainer(settings(1, 1, 0)), group(policy));
    assertThat(logProb(policy, GOOD)).isGreaterThan(good + 0.01);
    assertThat(logProb(policy, BAD)).isLessThan(bad - 0.01);
    assertThat(metrics.tokens()).isEqualTo(5 + 5);
    assertThat(metrics.zeroVarianceGroups()).isZero();
    assertThat(metrics.gradNorm()).isPositive();
    assertThat(metrics.ratioMean()).isCloseTo(1, within(1e-5));
    assertThat(metrics.klReference()).isPositive();
    double guess = Math.log(policy.decoder().spec().vocabularySize());
    assertThat(metrics.entropy()).isBetween(0.9 * guess, guess);
  }

  @Test
  void comparesAttemptsUnderDifferentHarnesses() {
    double gap = logProb(policy, GOOD) - logProb(policy, BAD);
    learn(
        trainer(settings(1, 1, 0)),
        List.of(
            trajectory(policy, TASKS.get(0), "incumbent", GOOD, 1),
            trajectory(policy, TASKS.get(0), "challenger", BAD, 0)));
    assertThat(logProb(policy, GOOD) - logProb(policy, BAD)).isGreaterThan(gap + 0.02);
  }

  @Test
  void doesNotCompareDifferentTasks() {
    String before = policy.decoder().weightsSha256();
    learn(
        trainer(settings(1, 1, 0)),
        List.of(
            trajectory(policy, TASKS.get(0), "h", GOOD, 1),
            trajectory(policy, TASKS.get(0), "h", GOOD, 1),
            trajectory(policy, TASKS.get(1), "h", BAD, 0),
            trajectory(policy, TASKS.get(1), "h", BAD, 0)));
    assertThat(policy.decoder().weightsSha256()).isEqualTo(before);
  }

  @Test
  void groupsWithoutVarianceLeaveTheWeightsAlone() {
    String before = policy.decoder().weightsSha256();
    List<Integer> progress = new ArrayList<>();
    LearningMetrics metrics =
        trainer(settings(2, 2, 0))
            .learn(
                1,
                List.of(
                    trajectory(policy, TASKS.get(0), "h", GOOD, 1),
                    trajectory(policy, TASKS.get(0), "h", BAD, 1),
                    trajectory(policy, TASKS.get(1), "h", GOOD, 0),
                    trajectory(policy, TASKS.get(1), "h", BAD, 0)),
                progress::add);
    assertThat(policy.decoder().weightsSha256()).isEqualTo(before);
    assertThat(metrics.zeroVarianceGroups()).isEqualTo(1);
    assertThat(metrics.groups()).isEqualTo(2);
    assertThat(metrics.filteredGroups()).isEqualTo(2);
    assertThat(metrics.samplerGapMean()).isNull();
    assertThat(metrics.tokens()).isZero();
    assertThat(metrics.loss()).isZero();
    assertThat(metrics.klReference()).isZero();
    assertThat(progress).isEmpty();
  }

  @Test
  void anEmptyBufferTeachesNothing() {
    String before = policy.decoder().weightsSha256();
    assertThat(learn(trainer(settings(1, 1, 0)), List.of()).tokens()).isZero();
    assertThat(policy.decoder().weightsSha256()).isEqualTo(before);
  }

  @Test
  void equalInputsGiveEqualWeights() {
    try (Policy twin = policy.copy()) {
      LearningMetrics first = learn(trainer(settings(2, 3, 0)), group(policy));
      LearningMetrics second =
          learn(trainer(twin, GrpoSettings.DEFAULTS, settings(2, 3, 0)), group(twin));
      assertThat(second)
          .usingRecursiveComparison()
          .ignoringFields("eachStep.seconds")
          .isEqualTo(first);
      assertThat(twin.decoder().weightsSha256()).isEqualTo(policy.decoder().weightsSha256());
      assertThat(policy.decoder().weightsSha256())
          .isNotEqualTo(reference.decoder().weightsSha256());
    }
  }

  @Test
  void reportsEveryTurnOnceAPass() {
    List<Trajectory> buffer = new ArrayList<>();
    for (TaskSpec task : TASKS) {
      buffer.add(trajectory(policy, task, "h", GOOD, 1));
      buffer.add(trajectory(policy, task, "h", BAD, 0));
    }
    List<Integer> progress = new ArrayList<>();
    trainer(settings(3, 2, 0)).learn(1, buffer, progress::add);
    assertThat(progress).containsExactly(2, 3, 3, 2, 3, 3);
  }

  @Test
  void aMicrobatchBoundsMemoryAndNotTheResult() {
    List<Trajectory> buffer = new ArrayList<>();
    for (TaskSpec task : TASKS) {
      buffer.add(trajectory(policy, task, "h", GOOD, 1));
      buffer.add(trajectory(policy, task, "h", BAD, 0));
    }
    try (Policy small = policy.copy()) {
      List<Integer> progress = new ArrayList<>();
      trainer(small, GrpoSettings.DEFAULTS, microbatches(1)).learn(1, buffer, progress::add);
      assertThat(progress).containsExactly(1, 1, 1, 1, 1, 1, 1, 1);
      LearningMetrics whole =
          learn(trainer(policy, GrpoSettings.DEFAULTS, microbatches(100_000)), buffer);
      assertThat(whole.gradNorm()).isPositive();
      for (String response : List.of(GOOD, BAD)) {
        assertThat(logProb(small, response)).isCloseTo(logProb(policy, response), within(1e-4));
        assertThat(logProb(small, response)).isNotEqualTo(logProb(reference, response));
      }
    }
  }

  @Test
  void aCosineEndsWithTheRun() {
    OptimiserSettings cosine =
        new OptimiserSettings(
            1e-3,
            0,
            0.9,
            0.95,
            1,
            3,
            2,
            1,
            OptimiserSettings.Schedule.COSINE,
            100_000,
            /* recomputeLayers= */ false,
            /* packing= */ true);
    assertThat(cosine.learningRates(10).at(0)).isCloseTo(1e-3 / 6, within(1e-12));
    assertThat(cosine.learningRates(10).at(6)).isEqualTo(1e-3);
    assertThat(cosine.learningRates(10).at(59)).isPositive();
    assertThat(cosine.learningRates(10).at(60)).isZero();
  }

  @Test
  void theLearningRateRisesOverTheFirstRounds() {
    try (Policy early = policy.copy()) {
      double start = logProb(policy, GOOD);
      trainer(settings(1, 1, 10)).learn(10, group(policy), count -> {});
      trainer(early, GrpoSettings.DEFAULTS, settings(1, 1, 10)).learn(1, group(early), count -> {});
      double full = logProb(policy, GOOD) - start;
      double tenth = logProb(early, GOOD) - start;
      assertThat(tenth).isBetween(0.05 * full, 0.2 * full);
    }
  }

  @Test
  void aPenaltyPullsBackToTheReferenceEvenWithoutVariance() {
    for (int round = 1; round <= 5; round++) {
      trainer(settings(1, 1, 0)).learn(round, group(policy), count -> {});
    }
    double apart = logProb(policy, GOOD) - logProb(reference, GOOD);
    LearningMetrics metrics =
        learn(
            trainer(policy, pulled(1), settings(1, 3, 0)),
            List.of(
                trajectory(policy, TASKS.get(0), "h", GOOD, 1),
                trajectory(policy, TASKS.get(0), "h", GOOD, 1)));
    assertThat(metrics.tokens()).isEqualTo(3 * 2 * 5);
    assertThat(logProb(policy, GOOD) - logProb(reference, GOOD)).isLessThan(apart);
  }

  @Test
  void anEntropyBonusSpreadsThePolicyEvenWithoutVariance() {
    for (int round = 1; round <= 5; round++) {
      trainer(settings(1, 1, 0)).learn(round, group(policy), count -> {});
    }
    List<Trajectory> solved =
        List.of(
            trajectory(policy, TASKS.get(0), "h", GOOD, 1),
            trajectory(policy, TASKS.get(0), "h", GOOD, 1));
    GrpoSettings spread = GrpoSettings.DEFAULTS.withEntropyBonus(0.1);
    double before = learn(trainer(policy, spread, settings(1, 1, 0)), solved).entropy();
    LearningMetrics after = learn(trainer(policy, spread, settings(1, 1, 0)), solved);
    assertThat(after.entropy()).isGreaterThan(before + 1e-3);
    assertThat(after.tokens()).isEqualTo(2 * 5);
    assertThat(after.loss()).isZero();
  }

  private static GrpoSettings pulled(double coefficient) {
    return GrpoSettings.DEFAULTS.withKl(new ReferencePull(ReferencePull.Estimator.K3, coefficient));
  }

  @Test
  void aVanishingPenaltyLeavesTheGradientAsItIsWithoutOne() {
    List<Trajectory> buffer = new ArrayList<>(group(policy));
    for (int i = 0; i < 6; i++) {
      // nothing to learn from, but something to be held by
      buffer.add(trajectory(policy, TASKS.get(1), "h", i % 2 == 0 ? GOOD : BAD, 1));
    }
    try (Policy twin = policy.copy()) {
      LearningMetrics without = learn(trainer(settings(1, 1, 0)), buffer);
      LearningMetrics with = learn(trainer(twin, pulled(1e-9), settings(1, 1, 0)), buffer);
      assertThat(with.tokens()).isEqualTo(without.tokens() + 6 * 5);
      assertThat(with.gradNorm()).isCloseTo(without.gradNorm(), within(1e-5 * without.gradNorm()));
      assertThat(with.loss()).isCloseTo(without.loss(), within(1e-6));
    }
  }

  static Stream<GrpoSettings> overTrajectories() {
    return Stream.of(
            GrpoSettings.DEFAULTS.withLoss(PolicyLoss.Gspo.DEFAULTS),
            GrpoSettings.DEFAULTS.withAggregation(Aggregation.SEQUENCE_MEAN_TOKEN_MEAN))
        .map(one -> one.withSequence(SequenceUnit.TRAJECTORY));
  }

  @ParameterizedTest
  @MethodSource("overTrajectories")
  void norDoesItDoSoThroughTheTurnsOfATrajectoryThatWereTurnedDown(GrpoSettings unpenalised) {
    Turn turnedDown = turn(policy, record(policy, "go to fridge 1"), /* discarded= */ true);
    List<Trajectory> buffer =
        List.of(
            trajectory(
                "good",
                TASKS.get(0),
                "h",
                1,
                ExitReason.FINISHED,
                List.of(turn(policy, GOOD), turnedDown)),
            trajectory(policy, TASKS.get(0), "h", BAD, 0));
    GrpoSettings penalised =
        unpenalised.withKl(new ReferencePull(ReferencePull.Estimator.K3, 1e-9));
    try (Policy twin = policy.copy()) {
      LearningMetrics without = learn(trainer(policy, unpenalised, settings(1, 1, 0)), buffer);
      LearningMetrics with = learn(trainer(twin, penalised, settings(1, 1, 0)), buffer);
      assertThat(with.tokens()).isEqualTo(without.tokens() + 5);
      assertThat(with.gradNorm()).isCloseTo(without.gradNorm(), within(1e-5 * without.gradNorm()));
    }
  }

  @Test
  void aStepWhoseGradientIsNotFiniteIsSkippedAndTheRecordNamed() {
    String before = policy.decoder().weightsSha256();
    List<Trajectory> buffer = new ArrayList<>();
    for (int task = 0; task < TASKS.size(); task++) {
      for (String response : List.of(GOOD, BAD)) {
        TrainRecord record = record(policy, response);
        float[] logProbs = policy.decoder().scoreRecords(List.of(record));
        if (task == 2 && response.equals(BAD)) {
          logProbs[3] = Float.NaN;
        }
        buffer.add(
            trajectory(
                "r0001-0000" + buffer.size(),
                TASKS.get(task),
                "h",
                response.equals(GOOD) ? 1 : 0,
                ExitReason.FINISHED,
                List.of(turn(policy, GOOD), turn(record, logProbs, false))));
      }
    }
    LearningMetrics whole = learn(trainer(settings(1, 1, 0)), buffer);
    assertThat(whole.skipped()).containsExactly("the gradient of r0001-00005 turn 1 is not finite");
    assertThat(policy.decoder().weightsSha256()).isEqualTo(before);
    assertThat(whole.loss()).isZero();
    assertThat(whole.tokens()).isZero();
    LearningMetrics quarters = learn(trainer(settings(4, 1, 0)), buffer);
    assertThat(quarters.skipped()).hasSize(1);
    assertThat(quarters.loss()).isFinite();
    assertThat(quarters.gradNorm()).isPositive();
    assertThat(policy.decoder().weightsSha256()).isNotEqualTo(before);
  }
}
