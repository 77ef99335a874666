package dev.tandem.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.ModelSpending;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.run.Turn;
import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.trainer.grpo.Aggregation;
import dev.tandem.trainer.grpo.DiscardedTurns;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.OverlongShaping;
import dev.tandem.trainer.grpo.SequenceUnit;
import dev.tandem.trainer.grpo.StepCredit;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.Lag;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What episodes, turns and tokens have earned. */
final class CreditTest extends LearnerTests {
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
      assertThat(metrics)
          .usingRecursiveComparison()
          .ignoringFields("eachStep.seconds")
          .isEqualTo(clean);
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
            Lag.NONE,
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
