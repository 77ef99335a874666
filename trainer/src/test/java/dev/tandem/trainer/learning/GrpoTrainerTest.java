package dev.tandem.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import dev.tandem.trainer.grpo.Aggregation;
import dev.tandem.trainer.grpo.DiscardedTurns;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.ImportanceCorrection;
import dev.tandem.trainer.grpo.ReferencePull;
import dev.tandem.trainer.grpo.SequenceUnit;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.OptimiserSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    return trajectory(
        "t", task, harness, reward, ExitReason.FINISHED, List.of(turn(policy, response)));
  }

  private static Trajectory trajectory(
      String id, TaskSpec task, String harness, double reward, ExitReason exit, List<Turn> turns) {
    return new Trajectory(
        id,
        Phase.TRAIN,
        1,
        task,
        harness,
        "round-0000",
        1,
        new Episode(turns, List.of(), List.of(), exit, ""),
        new Verdict(reward == 1, reward, reward, new TreeMap<>(), List.of()));
  }

  private static Turn turn(Policy policy, String response) {
    return turn(policy, record(policy, response), false);
  }

  private static Turn turn(Policy policy, TrainRecord record, boolean discarded) {
    return turn(record, policy.decoder().scoreRecords(List.of(record)), discarded);
  }

  private static Turn turn(TrainRecord record, float[] logProbs, boolean discarded) {
    TokenTrace tokens =
        new TokenTrace(record.prompt(), record.response(), logProbs, record.allowed());
    return new Turn(0, "h", MESSAGES, "", tokens, discarded);
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
  void anEpisodeThatBrokeIsInNoGroupAndTeachesNothing() {
    List<Trajectory> group = new ArrayList<>(group(policy));
    try (Policy twin = policy.copy()) {
      LearningMetrics clean = learn(trainer(settings(1, 1, 0)), group);
      group.add(
          trajectory(
              "broken",
              TASKS.get(0),
              "h",
              0,
              ExitReason.MODEL_FAILURE,
              List.of(turn(twin, "look at shelf 1"))));
      LearningMetrics metrics =
          learn(trainer(twin, GrpoSettings.DEFAULTS, settings(1, 1, 0)), group);
      assertThat(metrics).isEqualTo(clean);
      assertThat(twin.decoder().weightsSha256()).isEqualTo(policy.decoder().weightsSha256());
    }
  }

  @Test
  void aResponseThatWasTurnedDownHasNoCredit() {
    String other = "look at shelf 1";
    try (Policy twin = policy.copy()) {
      List<Trajectory> group =
          List.of(
              trajectory(
                  "good",
                  TASKS.get(0),
                  "h",
                  1,
                  ExitReason.FINISHED,
                  List.of(
                      turn(policy, record(policy, other), /* discarded= */ true),
                      turn(policy, GOOD))),
              trajectory(policy, TASKS.get(0), "h", BAD, 0));
      assertThat(learn(trainer(settings(1, 1, 0)), group).tokens()).isEqualTo(5 + 5);
      learn(trainer(twin, GrpoSettings.DEFAULTS, settings(1, 1, 0)), group(twin));
      assertThat(policy.decoder().weightsSha256()).isEqualTo(twin.decoder().weightsSha256());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "IGNORED, 1, 0", "IGNORED, 0, 0",
    "BLAMED, 1, 0", "BLAMED, 0, -1",
    "CREDITED, 1, 1", "CREDITED, 0, -1"
  })
  void aDiscardedResponseEarnsWhatTheRecipeSays(
      DiscardedTurns discarded, double reward, int direction) {
    TrainRecord turnedDown = record(policy, "go to fridge 1");
    double before = policy.decoder().scoreRecords(List.of(turnedDown))[3];
    GrpoSettings grpo = GrpoSettings.DEFAULTS.withDiscarded(discarded);
    // The other turn of the episode has no choice, so that it teaches nothing.
    Turn forced = turn(policy, forcedFrom(policy, GOOD, 0), /* discarded= */ false);
    List<Trajectory> group =
        List.of(
            trajectory(
                "u",
                TASKS.get(0),
                "h",
                reward,
                ExitReason.FINISHED,
                List.of(turn(policy, turnedDown, /* discarded= */ true), forced)),
            trajectory("v", TASKS.get(0), "h", 1 - reward, ExitReason.FINISHED, List.of(forced)));
    learn(trainer(policy, grpo, settings(1, 1, 0)), group);
    double after = policy.decoder().scoreRecords(List.of(turnedDown))[3];
    assertThat((int) Math.signum(after - before)).isEqualTo(direction);
  }

  /** A record whose tokens from {@code forced} on were the only ones allowed. */
  private static TrainRecord forcedFrom(Policy policy, String response, int forced) {
    TrainRecord record = record(policy, response);
    int[][] allowed = new int[record.response().length][];
    for (int token = 0; token < allowed.length; token++) {
      int chosen = record.response()[token];
      allowed[token] =
          token >= forced ? new int[] {chosen} : new int[] {chosen, chosen == 9 ? 8 : 9};
    }
    return new TrainRecord(record.prompt(), record.response(), allowed);
  }

  private static List<Trajectory> constrained(Policy policy, int forced) {
    return List.of(
        trajectory(
            "good",
            TASKS.get(0),
            "h",
            1,
            ExitReason.FINISHED,
            List.of(turn(policy, forcedFrom(policy, GOOD, forced), false))),
        trajectory(
            "bad",
            TASKS.get(0),
            "h",
            0,
            ExitReason.FINISHED,
            List.of(turn(policy, forcedFrom(policy, BAD, forced), false))));
  }

  @Test
  void aTokenThatWasNoChoiceCountsNowhere() {
    LearningMetrics metrics = learn(trainer(settings(1, 1, 0)), constrained(policy, 2));
    assertThat(metrics.tokens()).isEqualTo(2 + 2);
    try (Policy twin = reference.copy()) {
      // Had they counted, five tokens would share what two have.
      LearningMetrics all =
          learn(trainer(twin, GrpoSettings.DEFAULTS, settings(1, 1, 0)), constrained(twin, 5));
      assertThat(all.tokens()).isEqualTo(5 + 5);
      assertThat(metrics.entropy()).isGreaterThan(0.9 * Math.log(2));
    }
  }

  @Test
  void aTurnWithoutAnyChoiceIsNotEvenScored() {
    List<Integer> progress = new ArrayList<>();
    String before = policy.decoder().weightsSha256();
    trainer(settings(1, 1, 0)).learn(1, constrained(policy, 0), progress::add);
    assertThat(progress).isEmpty();
    assertThat(policy.decoder().weightsSha256()).isEqualTo(before);
  }

  private static GrpoSettings pulled(double coefficient) {
    return new GrpoSettings(
        GrpoSettings.DEFAULTS.advantage(),
        GrpoSettings.DEFAULTS.loss(),
        GrpoSettings.DEFAULTS.aggregation(),
        new ReferencePull(ReferencePull.Estimator.K3, coefficient),
        GrpoSettings.DEFAULTS.importanceCorrection());
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

  private static GrpoSettings correcting(ImportanceCorrection correction) {
    return new GrpoSettings(
        GrpoSettings.DEFAULTS.advantage(),
        GrpoSettings.DEFAULTS.loss(),
        GrpoSettings.DEFAULTS.aggregation(),
        GrpoSettings.DEFAULTS.kl(),
        correction);
  }

  /** A group whose sampler took every token to be {@code error} likelier than the trainer does. */
  private static List<Trajectory> missampled(Policy policy, double error) {
    List<Trajectory> group = new ArrayList<>();
    for (String response : List.of(GOOD, BAD)) {
      TrainRecord record = record(policy, response);
      float[] logProbs = policy.decoder().scoreRecords(List.of(record));
      for (int token = 0; token < logProbs.length; token++) {
        logProbs[token] += (float) error;
      }
      group.add(
          trajectory(
              response,
              TASKS.get(0),
              "h",
              response.equals(GOOD) ? 1 : 0,
              ExitReason.FINISHED,
              List.of(turn(record, logProbs, false))));
    }
    return group;
  }

  @Test
  void anImportanceCorrectionWeighsWhatTheSamplerGotWrong() {
    double exact = gradient(new ImportanceCorrection.Truncated(2), 0);
    assertThat(gradient(new ImportanceCorrection.None(), 0)).isCloseTo(exact, within(1e-4 * exact));
    // a sampler that was too sure by ln 2: its tokens count half
    assertThat(gradient(new ImportanceCorrection.Truncated(2), Math.log(2)))
        .isCloseTo(exact / 2, within(1e-4 * exact));
    // one that was too unsure by ln 3: they would count three times, and are held to the cap
    assertThat(gradient(new ImportanceCorrection.Truncated(2), -Math.log(3)))
        .isCloseTo(2 * exact, within(1e-4 * exact));
    assertThat(gradient(new ImportanceCorrection.Masked(2), -Math.log(3))).isZero();
    // without a correction the ratio takes the sampler's word, and is clipped for its error
    assertThat(gradient(new ImportanceCorrection.None(), -Math.log(3))).isLessThan(0.9 * exact);
  }

  /** The norm of the first step's gradient. */
  private double gradient(ImportanceCorrection correction, double error) {
    try (Policy learner = reference.copy()) {
      return learn(
              trainer(learner, correcting(correction), settings(1, 1, 0)),
              missampled(learner, error))
          .gradNorm();
    }
  }

  @TempDir private Path folder;

  @Test
  void aCorrectionGoesByTheWeightsThatSampledInLaterRoundsAndAfterARestartToo() throws IOException {
    GrpoSettings grpo = correcting(new ImportanceCorrection.Truncated(2));
    List<Trajectory> buffer = missampled(policy, 0);
    GrpoTrainer trainer = trainer(policy, grpo, settings(1, 1, 0));
    learn(trainer, buffer);
    trainer.save(folder);
    try (Policy twin = policy.copy()) {
      GrpoTrainer restarted = trainer(twin, grpo, settings(1, 1, 0));
      restarted.restore(folder);
      assertThat(restarted.learn(2, buffer, count -> {}).klBehaviour()).isPositive();
      GrpoTrainer forgetful = trainer(twin, grpo, settings(1, 1, 0));
      assertThatThrownBy(() -> forgetful.learn(2, buffer, count -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the weights that sampled it are gone");
      BehaviourScores scores = new BehaviourScores(grpo.importanceCorrection());
      scores.restore(folder.resolve(GrpoTrainer.BEHAVIOUR_FILE));
      assertThat(scores.of(buffer.getFirst(), 0).logProbs())
          .containsExactly(
              new BehaviourScores(new ImportanceCorrection.None())
                  .of(buffer.getFirst(), 0)
                  .logProbs(),
              within(1e-6));
      scores.receive(3, List.of(), twin.decoder());
      scores.save(folder.resolve("left"));
      assertThat(Files.size(folder.resolve("left"))).isLessThan(64);
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

  @Test
  void aLongFailureDoesNotOutvoteAShortSuccess() {
    List<Turn> wandering = new ArrayList<>();
    for (int turn = 0; turn < 9; turn++) {
      wandering.add(turn(policy, BAD));
    }
    List<Trajectory> buffer =
        List.of(
            trajectory("s", TASKS.get(0), "h", 1, ExitReason.FINISHED, List.of(turn(policy, GOOD))),
            trajectory("f", TASKS.get(0), "h", 0, ExitReason.STEP_BUDGET, wandering));
    GrpoSettings byTrajectory =
        new GrpoSettings(
            GrpoSettings.DEFAULTS.advantage(),
            GrpoSettings.DEFAULTS.loss(),
            Aggregation.SEQUENCE_MEAN_TOKEN_MEAN,
            GrpoSettings.DEFAULTS.kl(),
            GrpoSettings.DEFAULTS.importanceCorrection(),
            SequenceUnit.TRAJECTORY,
            DiscardedTurns.IGNORED);
    // On-policy the loss by token is -A, and the two advantages are opposite.
    double advantage = 0.5 / (Math.sqrt(0.5) + 1e-6);
    try (Policy twin = policy.copy()) {
      assertThat(learn(trainer(settings(1, 1, 0)), buffer).loss())
          .isCloseTo(0.8 * advantage, within(1e-4));
      assertThat(learn(trainer(twin, byTrajectory, microbatches(1)), buffer).loss())
          .isCloseTo(0, within(1e-4));
    }
  }
}
