package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Turn;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.store.StoredEpisode;
import dev.tandem.rollout.store.TraceQuery;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.GoingOn;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rounds that are played beside the learning of the round before. */
@Timeout(1_200)
final class LagRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROUNDS = 4;
  private static final String[] LAG = {
    "rounds=" + ROUNDS,
    "rollout.lag=1",
    "checkpoints.keep_last=9",
    "grpo.importance_correction={type: truncated, cap: 2}"
  };

  @TempDir private static Path runs;
  private static Path whole = Path.of("");
  private static Map<String, String> undisturbed = Map.of();

  @TempDir private Path folder;

  @BeforeAll
  static void run() throws IOException {
    whole = runs.resolve("run");
    TinyRun.run(whole, lagging(), new SilentMonitor());
    undisturbed = RunOutcome.of(whole);
  }

  private static RunConfig lagging() throws IOException {
    return TinyRun.with(LAG);
  }

  /** Lets one piece of work wait for another to get somewhere, and says in which order all came. */
  private abstract static class Referee implements Monitor {
    private final Map<String, CountDownLatch> reached = new ConcurrentHashMap<>();
    final List<String> order = new CopyOnWriteArrayList<>();

    /** A piece of work has begun, is under way or has ended: {@code "under way: round 2 gate"}. */
    abstract void at(String moment);

    private CountDownLatch latch(String moment) {
      return reached.computeIfAbsent(moment, _ -> new CountDownLatch(1));
    }

    final void await(String moment) {
      try {
        if (!latch(moment).await(600, TimeUnit.SECONDS)) {
          throw new AssertionError("it never came to this: " + moment);
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    private void pass(String moment) {
      order.add(moment);
      latch(moment).countDown();
      at(moment);
    }

    @Override
    public Task begin(String name, long total, String unit) {
      pass("begun: " + name);
      return new Task() {
        @Override
        public void advance(long units) {
          pass("under way: " + name);
        }

        @Override
        public void detail(String text) {}

        @Override
        public void close() {
          pass("ended: " + name);
        }
      };
    }

    @Override
    public void note(String text) {}
  }

  @Test
  void aRoundIsPlayedWithTheWeightsOfTheRoundBeforeLast() {
    try (TraceStore traces = TraceStore.openExisting(whole)) {
      for (int round = 1; round <= ROUNDS; round++) {
        List<Trajectory> played = traces.read(round);
        int weights = Math.max(0, round - 2);
        assertThat(played)
            .hasSize(8)
            .allMatch(one -> one.checkpoint().equals(RunFolder.checkpointName(weights)));
        assertThat(error(played, weights)).as("round %d", round).isLessThan(1e-4);
        if (round > 1) {
          assertThat(error(played, weights + 1)).as("round %d", round).isGreaterThan(1e-3);
        }
      }
    }
  }

  /** By how much the sampler's word differs from what a checkpoint's weights say. */
  private static double error(List<Trajectory> played, int round) {
    List<TrainRecord> records = new ArrayList<>();
    List<Float> told = new ArrayList<>();
    for (Trajectory one : played) {
      for (Turn turn : one.episode().turns()) {
        TokenTrace tokens = turn.tokens();
        if (tokens.responseLength() > 0) {
          records.add(new TrainRecord(tokens.prompt(), tokens.response(), tokens.allowed()));
          for (float logProb : tokens.logProbs()) {
            told.add(logProb);
          }
        }
      }
    }
    double largest = 0;
    try (Decoder decoder = Decoder.load(new RunFolder(whole).checkpoint(round), Tiny.EXECUTION)) {
      float[] scores = decoder.scoreRecords(records);
      assertThat(scores).hasSize(told.size());
      for (int i = 0; i < scores.length; i++) {
        largest = Math.max(largest, Math.abs(scores[i] - told.get(i)));
      }
    }
    return largest;
  }

  /** A harness is tested on the agent that it is for, and the agent is what was learnt last. */
  @Test
  void gateAndEvaluationHaveTheNewestWeights() {
    List<Trajectory> others = new ArrayList<>();
    try (TraceStore traces = TraceStore.openExisting(whole)) {
      traces.forEach(
          TraceQuery.ALL,
          (_, episode) -> {
            if (episode instanceof StoredEpisode.Judged(Trajectory one)
                && one.phase() != Phase.TRAIN) {
              others.add(one);
            }
          });
    }
    assertThat(others).anyMatch(one -> one.phase() == Phase.GATE && one.round() > 2);
    assertThat(others).anyMatch(one -> one.phase() == Phase.EVALUATION && one.round() == ROUNDS);
    assertThat(others)
        .allSatisfy(
            one ->
                assertThat(one.checkpoint())
                    .isEqualTo(
                        RunFolder.checkpointName(
                            one.phase() == Phase.GATE ? one.round() - 1 : one.round())));
  }

  /** The buffer holds two rounds: the last, a round stale, and the one before it. */
  @ParameterizedTest
  @CsvSource({"1, 0", "2, 1", "3, 1.5", "4, 1.5"})
  void stalenessCountsTheLag(int round, double mean) throws IOException {
    JsonNode metrics = rows(RunFiles.METRICS, round).getFirst();
    assertThat(metrics.path("staleness").asDouble()).isCloseTo(mean, within(0.3));
    assertThat(rows(RunFiles.STEPS, round))
        .isNotEmpty()
        .allSatisfy(
            step ->
                assertThat(step.path("staleness").asDouble())
                    .isBetween(round == 1 ? 0.0 : 1.0, round == 1 ? 0.0 : 2.0));
    for (JsonNode group : rows(RunFiles.GROUPS, round)) {
      if (group.path("fresh").equals(group.path("episodes"))) {
        assertThat(group.path("staleness").asDouble()).isEqualTo(round == 1 ? 0 : 1);
      }
    }
  }

  /** What the trainer takes for the behaviour policy is what played, to the sampler's rounding. */
  @Test
  void theCorrectionGoesByTheWeightsThatPlayed() throws IOException {
    for (int round = 1; round <= ROUNDS; round++) {
      JsonNode metrics = rows(RunFiles.METRICS, round).getFirst();
      assertThat(metrics.path("sampler_gap_max").asDouble(1)).isLessThan(1e-4);
    }
    assertThat(rows(RunFiles.STEPS, 2).getFirst().path("kl_behaviour").asDouble()).isPositive();
  }

  private static List<JsonNode> rows(String file, int round) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(whole.resolve(file))) {
      JsonNode row = JSON.readTree(line);
      if (row.path("round").asInt() == round) {
        rows.add(row);
      }
    }
    return rows;
  }

  @Test
  void learningAndRolloutsAreUnderWayAtTheSameTime() throws IOException {
    Referee bothInTheMiddle =
        new Referee() {
          @Override
          void at(String moment) {
            for (int round = 1; round < ROUNDS; round++) {
              String learning = "under way: round %d training".formatted(round);
              String playing = "under way: round %d rollouts".formatted(round + 1);
              if (moment.equals(learning)) {
                await(playing);
              }
              if (moment.equals(playing)) {
                await(learning);
              }
            }
          }
        };
    TinyRun.run(folder, lagging(), bothInTheMiddle);
    assertThat(RunOutcome.of(folder)).isEqualTo(undisturbed);
    assertThat(rows(RunFiles.METRICS, 1).getFirst().path("overlapped_seconds").asDouble(1))
        .isZero();
    assertThat(rows(RunFiles.METRICS, 2).getFirst().path("overlapped_seconds").asDouble(0))
        .isPositive();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void itMakesNoDifferenceWhichOfThemGetsOnFaster(boolean learningFirst) throws IOException {
    Referee oneAfterTheOther =
        new Referee() {
          @Override
          void at(String moment) {
            for (int round = 1; round < ROUNDS; round++) {
              String learning = "round %d training".formatted(round);
              String playing = "round %d rollouts".formatted(round + 1);
              if (learningFirst && moment.equals("begun: " + playing)) {
                await("ended: " + learning);
              }
              if (!learningFirst && moment.equals("begun: " + learning)) {
                await("ended: " + playing);
              }
            }
          }
        };
    TinyRun.run(folder, lagging(), oneAfterTheOther);
    assertThat(RunOutcome.of(folder)).isEqualTo(undisturbed);
  }

  @Test
  void withoutALagARoundIsPlayedWhenTheLastOneIsLearntFrom() throws IOException {
    Referee watching =
        new Referee() {
          @Override
          void at(String moment) {}
        };
    TinyRun.run(folder, TinyRun.with("rollout.lag=0"), watching);
    assertThat(watching.order)
        .containsSubsequence(
            "ended: round 1 training",
            "begun: round 2 rollouts",
            "ended: round 2 rollouts",
            "begun: round 2 training",
            "ended: round 2 training",
            "begun: round 3 rollouts");
    assertThat(Files.readString(folder.resolve(RunFiles.METRICS))).doesNotContain("overlapped");
  }

  /** Where a kill comes while a round is learnt from and the next one is played. */
  @ParameterizedTest
  @CsvSource({
    "under way: round 1 training, under way: round 2 rollouts",
    "begun: round 4 training, ended: round 4 rollouts"
  })
  void aKillInTheMiddleOfBothIsMadeGood(String moment, String other) throws IOException {
    Referee killing =
        new Referee() {
          @Override
          void at(String now) {
            if (now.equals(moment)) {
              await(other);
              throw new KillingMonitor.Killed(now);
            }
          }
        };
    assertThatThrownBy(() -> TinyRun.run(folder, lagging(), killing))
        .isInstanceOf(KillingMonitor.Killed.class);
    SilentMonitor resumed = new SilentMonitor();
    TinyRun.run(folder, lagging(), resumed);
    assertThat(resumed.notes.getFirst()).startsWith("resuming after round ");
    assertThat(RunOutcome.of(folder)).isEqualTo(undisturbed);
  }

  @Test
  void anAdapterLagsAndResumesToo() throws IOException {
    RunConfig recipe =
        TinyRun.with(
            "rollout.lag=1",
            "model.precision=bfloat16",
            "model.lora={rank: 4, alpha: 8, targets: [q_proj, down_proj]}");
    TinyRun.run(folder.resolve("straight"), recipe, new SilentMonitor());
    Path killed = folder.resolve("killed");
    assertThatThrownBy(() -> TinyRun.run(killed, recipe, KillingMonitor.under("round 3 training")))
        .isInstanceOf(KillingMonitor.Killed.class);
    TinyRun.run(killed, recipe, new SilentMonitor());
    assertThat(RunOutcome.of(killed)).isEqualTo(RunOutcome.of(folder.resolve("straight")));
  }

  @Test
  void goesBackToARoundAndToTheWeightsBeforeIt() throws IOException {
    TinyRun.copy(whole, folder);
    goBack(2);
    Map<String, String> now = RunOutcome.of(folder);
    now.keySet().removeIf(name -> name.startsWith("set-aside"));
    assertThat(now).isEqualTo(undisturbed);
  }

  private void goBack(int round) throws IOException {
    try (TrainingRun run =
        new TrainingRun(lagging(), folder, Tiny.EXECUTION, new SilentMonitor())) {
      run.execute(new GoingOn(OptionalInt.of(round), Optional.empty()));
    }
  }

  @Test
  void saysWhichWeightsAreMissing() throws IOException {
    TinyRun.copy(whole, folder);
    Path gone = new RunFolder(folder).checkpoint(2);
    Files.move(gone, folder.resolve("elsewhere"));
    assertThatThrownBy(() -> goBack(3))
        .isInstanceOf(DamagedStateException.class)
        .hasMessage(
            "%s is missing, whose weights play round 4 (rollout.lag): put back the folder, or go on from another round with --from-round 4 or --from-round 1 or --from-round 0"
                .formatted(gone));
  }
}
