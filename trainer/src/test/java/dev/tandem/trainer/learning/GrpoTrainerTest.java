package dev.tandem.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.ModelSpending;
import dev.tandem.harness.run.Step;
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
import dev.tandem.trainer.grpo.EarlyStop;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.ImportanceCorrection;
import dev.tandem.trainer.grpo.OverlongShaping;
import dev.tandem.trainer.grpo.ReferencePull;
import dev.tandem.trainer.grpo.SequenceUnit;
import dev.tandem.trainer.grpo.StepCredit;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.OptimiserSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
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
        /* episodeTokens= */ 100,
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
    LearningMetrics metrics =
        learn(
            trainer(policy, pulled(1), settings(1, 3, 0)),
            List.of(
                trajectory(policy, TASKS.get(0), "h", GOOD, 1),
                trajectory(policy, TASKS.get(0), "h", GOOD, 1)));
    assertThat(metrics.tokens()).isEqualTo(3 * 2 * 5);
    assertThat(logProb(policy, GOOD) - logProb(reference, GOOD)).isLessThan(apart);
  }

  @ParameterizedTest
  @CsvSource({"NONE", "TRUNCATED"})
  void theGapBetweenSamplerAndTrainerIsThatBeforeTheFirstUpdate(Correction correction) {
    List<Trajectory> buffer = missampled(policy, 0.25);
    GrpoTrainer trainer = trainer(policy, correcting(correction.settings), settings(1, 2, 0));
    LearningMetrics fresh = learn(trainer, buffer);
    assertThat(fresh.steps()).isEqualTo(2);
    assertThat(fresh.samplerGapMean()).isCloseTo(0.25, within(1e-5));
    assertThat(fresh.samplerGapMax()).isCloseTo(0.25, within(1e-4));
    // a round later the difference would be mostly what was learnt
    assertThat(trainer.learn(2, buffer, count -> {}).samplerGapMean()).isNull();
  }

  private enum Correction {
    NONE(new ImportanceCorrection.None()),
    TRUNCATED(new ImportanceCorrection.Truncated(2));

    private final ImportanceCorrection settings;

    Correction(ImportanceCorrection settings) {
      this.settings = settings;
    }
  }

  /** Behaviour is as far off as the sampler's error: k3 is {@code exp(-e) - 1 + e}. */
  @ParameterizedTest
  @CsvSource({
    "0.5, 0.1, 1, 4, 'the KL to behaviour was 0.1065, above 0.1'",
    "0.5, 0.2, 4, 4,",
    "-0.5, 0.2, 4, 4,",
    "-0.8, 0.4, 1, 4, 'the KL to behaviour was 0.4255, above 0.4'"
  })
  void aRoundThatHasLedFarEnoughStops(
      double error, double bound, int taken, int planned, @Nullable String why) {
    GrpoSettings bounded = GrpoSettings.DEFAULTS.withEarlyStop(new EarlyStop(bound, null));
    OptimiserSettings slow = new OptimiserSettings(1e-9, 0, 0.9, 0.95, 1, 2, 2, 0);
    LearningMetrics metrics = learn(trainer(policy, bounded, slow), missampled(policy, error));
    assertThat(metrics.steps()).isEqualTo(taken);
    assertThat(metrics.plannedSteps()).isEqualTo(planned);
    assertThat(metrics.stopped()).isEqualTo(why);
    assertThat(metrics.tokens()).isEqualTo(5L * taken);
  }

  @Test
  void aRoundThatClipsTooManyTokensStopsAndLeavesTheWeightsAsTheyWereThen() {
    // The sampler's error alone has every ratio of the good response out of bounds.
    GrpoSettings bounded = GrpoSettings.DEFAULTS.withEarlyStop(new EarlyStop(null, 0.05));
    LearningMetrics metrics =
        learn(trainer(policy, bounded, settings(1, 3, 0)), missampled(policy, -0.4));
    assertThat(metrics.stopped()).startsWith("the clip fraction was 0.").endsWith(", above 0.05");
    assertThat(metrics.steps()).isEqualTo(1);
    try (Policy twin = reference.copy()) {
      learn(trainer(twin, GrpoSettings.DEFAULTS, settings(1, 1, 0)), missampled(twin, -0.4));
      assertThat(twin.decoder().weightsSha256()).isEqualTo(policy.decoder().weightsSha256());
    }
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

  private static GrpoSettings correcting(ImportanceCorrection correction) {
    return GrpoSettings.DEFAULTS.withImportanceCorrection(correction);
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

  /** Two episodes that failed alike, the second after more steps and tokens. */
  private static List<Trajectory> shortAndLong(Policy policy, ExitReason exit) {
    int limit = TASKS.getFirst().stepLimit();
    return List.of(
        lasting(policy, GOOD, 1, 20, ExitReason.FINISHED), lasting(policy, BAD, limit, 85, exit));
  }

  private static Trajectory lasting(
      Policy policy, String response, int steps, int tokens, ExitReason exit) {
    Observation seen = Observation.of("", "");
    return new Trajectory(
        response,
        Phase.TRAIN,
        1,
        TASKS.getFirst(),
        "h",
        "round-0000",
        1,
        new Episode(
            List.of(turn(policy, response)),
            Collections.nCopies(steps, new Step(0, seen, "", "look", true, seen)),
            List.of(),
            List.of(),
            exit,
            "",
            Map.of(
                ModelRole.MAIN, new ModelSpending(1, new Model.Usage(tokens - 10, 5, 0)),
                ModelRole.JUDGE, new ModelSpending(1, new Model.Usage(4, 1, 0))),
            List.of()),
        new Verdict(false, 0, 0, new TreeMap<>(), List.of()));
  }

  @ParameterizedTest
  @CsvSource({"STEPS, 2, 1", "TOKENS, 20, 0.25", "TOKENS, 15, 0"})
  void comingNearALimitCostsReward(OverlongShaping.Measure measure, int buffer, double share) {
    List<Trajectory> buffered = shortAndLong(policy, ExitReason.STEP_BUDGET);
    OverlongShaping.Penalty penalty = new OverlongShaping.Penalty(measure, buffer, 0.5);
    Overlong overlong = new Overlong(penalty, 100);
    assertThat(overlong.reward(buffered.getFirst())).isZero();
    assertThat(overlong.reward(buffered.getLast())).isCloseTo(-0.5 * share, within(1e-12));
    double gap = logProb(policy, GOOD) - logProb(policy, BAD);
    GrpoSettings shaped = GrpoSettings.DEFAULTS.withOverlong(penalty);
    LearningMetrics metrics = learn(trainer(policy, shaped, settings(1, 1, 0)), buffered);
    assertThat(metrics.overlong()).isEqualTo(share > 0 ? 1 : 0);
    double after = logProb(policy, GOOD) - logProb(policy, BAD);
    assertThat(after > gap + 0.02).isEqualTo(share > 0);
  }

  @Test
  void anEpisodeThatALimitCutOffCountsInItsGroupAloneWhereTheRecipeSaysSo() {
    List<Trajectory> buffer = new ArrayList<>(shortAndLong(policy, ExitReason.TOKEN_BUDGET));
    buffer.set(0, trajectory(policy, TASKS.getFirst(), "h", GOOD, 1));
    GrpoSettings excluding = GrpoSettings.DEFAULTS.withOverlong(new OverlongShaping.Excluded());
    LearningMetrics metrics = learn(trainer(policy, excluding, settings(1, 1, 0)), buffer);
    assertThat(metrics.overlong()).isEqualTo(1);
    assertThat(metrics.tokens()).isEqualTo(5);
    assertThat(metrics.filteredGroups()).isZero();
    assertThat(metrics.loss()).isCloseTo(-Math.sqrt(0.5), within(1e-4));
    buffer.set(1, lasting(policy, BAD, 3, 50, ExitReason.FINISHED));
    assertThat(learn(trainer(policy, excluding, settings(1, 1, 0)), buffer).tokens()).isEqualTo(10);
  }

  /** Turns by the states they began in; responses marked with ! were turned down. */
  private static Trajectory passing(Policy policy, double reward, String... statesAndResponses) {
    Observation seen = Observation.of("", "");
    List<Turn> turns = new ArrayList<>();
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < statesAndResponses.length; i += 2) {
      String response = statesAndResponses[i + 1];
      boolean discarded = response.startsWith("!");
      TrainRecord record = record(policy, discarded ? response.substring(1) : response);
      TokenTrace tokens =
          new TokenTrace(
              record.prompt(),
              record.response(),
              policy.decoder().scoreRecords(List.of(record)),
              record.allowed());
      turns.add(new Turn(steps.size(), "h", MESSAGES, "", tokens, discarded));
      if (!discarded) {
        steps.add(new Step(steps.size(), seen, statesAndResponses[i], "look", true, seen));
      }
    }
    return new Trajectory(
        "t",
        Phase.TRAIN,
        1,
        TASKS.getFirst(),
        "h",
        "round-0000",
        1,
        new Episode(turns, steps, List.of(), ExitReason.FINISHED, ""),
        new Verdict(reward == 1, reward, reward, new TreeMap<>(), List.of()));
  }

  @Test
  void aStepIsCreditedOverOthersThatBeganInItsState() {
    // All succeed, so that episodes have no advantage; from "s" GOOD is quicker than BAD.
    List<Trajectory> buffer =
        List.of(
            passing(policy, 1, "a", "look at shelf 1", "s", "!go to fridge 1", "s", GOOD),
            passing(policy, 1, "b", "look at shelf 1", "s", BAD, "c", "look at shelf 1"));
    GrpoSettings credited = GrpoSettings.DEFAULTS.withStepCredit(new StepCredit.Anchors(1, 0.5));
    double good = logProb(policy, GOOD);
    double bad = logProb(policy, BAD);
    assertThat(learn(trainer(settings(1, 1, 0)), buffer).tokens()).isZero();
    LearningMetrics metrics = learn(trainer(policy, credited, settings(1, 1, 0)), buffer);
    assertThat(metrics.filteredGroups()).isEqualTo(1);
    assertThat(metrics.tokens()).isEqualTo(5 + 5);
    assertThat(metrics.stepCredit()).isEqualTo(2 / 5.0);
    assertThat(logProb(policy, GOOD)).isGreaterThan(good + 0.01);
    assertThat(logProb(policy, BAD)).isLessThan(bad - 0.01);
  }

  @Test
  void aStepsAdvantageComesOnTopOfItsEpisodes() {
    List<Trajectory> buffer =
        List.of(passing(policy, 1, "s", GOOD, "u", GOOD), passing(policy, 0, "s", BAD, "v", BAD));
    GrpoSettings credited = GrpoSettings.DEFAULTS.withStepCredit(new StepCredit.Anchors(0.5, 0.5));
    Lessons lessons =
        Lessons.of(
            1,
            buffer,
            credited,
            new Overlong(credited.overlong(), 100),
            new BehaviourScores(credited.importanceCorrection()),
            Kernels.best());
    double episode = Math.sqrt(0.5);
    assertThat(lessons.signal().stream().map(Lesson::advantage).toList())
        .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-4 ? 0 : 1)
        .containsExactly(1.5 * episode, episode, -1.5 * episode, -episode);
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
        GrpoSettings.DEFAULTS
            .withAggregation(Aggregation.SEQUENCE_MEAN_TOKEN_MEAN)
            .withSequence(SequenceUnit.TRAJECTORY);
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
