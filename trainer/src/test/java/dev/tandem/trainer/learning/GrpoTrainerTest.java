package dev.tandem.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Turn;
import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.ReferencePull;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.OptimiserSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GrpoTrainerTest {
  private static final String GOOD = "go to shelf 1";
  private static final String BAD = "look at mug 2";
  private static final List<Message> MESSAGES = List.of(Message.user("you are in a room ."));
  private static final List<TaskSpec> TASKS = new HouseFamily().tasks().tasks(Split.TRAIN, 0, 4);

  private final Policy policy = Tiny.policy(9);
  private final Policy reference = policy.copy();

  @AfterEach
  void free() {
    policy.close();
    reference.close();
  }

  private static TrainRecord record(Policy policy, String response) {
    return TrainRecord.unconstrained(
        policy.format().prompt(MESSAGES), policy.format().response(response));
  }

  private static double logProb(Policy policy, String response) {
    double sum = 0;
    for (float logProb : policy.decoder().scoreRecords(List.of(record(policy, response)))) {
      sum += logProb;
    }
    return sum;
  }

  private static Trajectory trajectory(
      Policy policy, TaskSpec task, String harness, String response, double reward) {
    TrainRecord record = record(policy, response);
    TokenTrace tokens =
        new TokenTrace(
            record.prompt(),
            record.response(),
            policy.decoder().scoreRecords(List.of(record)),
            new int[0][]);
    Turn turn = new Turn(0, harness, MESSAGES, response, tokens, false);
    return new Trajectory(
        "t",
        Phase.TRAIN,
        1,
        task,
        harness,
        "round-0000",
        1,
        new Episode(List.of(turn), List.of(), List.of(), ExitReason.FINISHED, ""),
        new Verdict(reward == 1, reward, reward, new TreeMap<>(), List.of()));
  }

  private static List<Trajectory> group(Policy policy) {
    return List.of(
        trajectory(policy, TASKS.get(0), "h", GOOD, 1),
        trajectory(policy, TASKS.get(0), "h", BAD, 0));
  }

  private static OptimiserSettings settings(int steps, int passes, int warmUpRounds) {
    return new OptimiserSettings(1e-3, 0, 0.9, 0.95, 1, steps, passes, warmUpRounds);
  }

  private GrpoTrainer trainer(Policy learner, GrpoSettings grpo, OptimiserSettings optimiser) {
    return new GrpoTrainer(
        learner.decoder(),
        reference.decoder()::scoreRecords,
        Tiny.optimiser(learner),
        grpo,
        optimiser,
        /* rounds= */ 10,
        Kernels.best(),
        5);
  }

  private GrpoTrainer trainer(OptimiserSettings optimiser) {
    return trainer(policy, GrpoSettings.DEFAULTS, optimiser);
  }

  private static LearningMetrics learn(GrpoTrainer trainer, List<Trajectory> buffer) {
    return trainer.learn(1, buffer, count -> {});
  }

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
      assertThat(second).isEqualTo(first);
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

  private static OptimiserSettings microbatches(int tokens) {
    return new OptimiserSettings(
        1e-3,
        0,
        0.9,
        0.95,
        1,
        1,
        1,
        0,
        OptimiserSettings.Schedule.CONSTANT,
        tokens,
        /* recomputeLayers= */ false,
        /* packing= */ true);
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
    GrpoSettings pulled =
        new GrpoSettings(
            GrpoSettings.DEFAULTS.advantage(),
            GrpoSettings.DEFAULTS.loss(),
            GrpoSettings.DEFAULTS.aggregation(),
            new ReferencePull(ReferencePull.Estimator.K3, 1),
            GrpoSettings.DEFAULTS.importanceCorrection());
    LearningMetrics metrics =
        learn(
            trainer(policy, pulled, settings(1, 3, 0)),
            List.of(
                trajectory(policy, TASKS.get(0), "h", GOOD, 1),
                trajectory(policy, TASKS.get(0), "h", GOOD, 1)));
    assertThat(metrics.tokens()).isEqualTo(3 * 2 * 5);
    assertThat(logProb(policy, GOOD) - logProb(reference, GOOD)).isLessThan(apart);
  }
}
