package dev.tandem.rollout.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Turn;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.ChaosFamily.Fault;
import dev.tandem.rollout.run.ChaosFamily.Place;
import dev.tandem.rollout.spi.ModelProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
final class ChaosTest {
  private final ChaosFamily family = new ChaosFamily();

  /** Whatever a test came to, nobody may be left waiting. */
  @AfterEach
  void release() {
    family.release.countDown();
  }

  private static final int EPISODES = 10_000;
  private static final Duration DEADLINE = Duration.ofSeconds(1);

  /** Answers by the request's seed alone; refuses some, and breaks at one of its batches. */
  private static final class Agent implements ModelProvider {
    private final AtomicInteger batchesUntilBroken;

    Agent(int soundBatches) {
      batchesUntilBroken = new AtomicInteger(soundBatches);
    }

    @Override
    public List<Model.Answer> complete(List<Model.Request> requests) {
      if (batchesUntilBroken.getAndDecrement() == 0) {
        throw new AssertionError("a batch broke");
      }
      return requests.stream().map(Agent::answer).toList();
    }

    private static Model.Answer answer(Model.Request request) {
      return Model.Answer.of(
          new Model.Completion(
              "say " + Long.remainderUnsigned(request.seed(), 97), TokenTrace.NONE));
    }

    @Override
    public String checkpoint() {
      return "seeded";
    }
  }

  private static LocalRolloutExecutor executor(ChaosFamily family, Scheduling scheduling) {
    return new LocalRolloutExecutor(
        family,
        LocalRolloutExecutor.Settings.forWorld(family.capabilities())
            .withScheduling(scheduling)
            .withLimits(EpisodeLimits.DEFAULT.withDeadline(DEADLINE))
            .withGrace(Duration.ofMillis(200))
            .withToleratedFailures(0.5));
  }

  private EpisodePlan plan(TaskSpec task) {
    return new EpisodePlan(
        task.id(), Phase.TRAIN, 1, task, family.harness(task), Long.parseLong(task.id()));
  }

  /** One in five goes wrong, everywhere and in every way; those that hang are neighbours. */
  private static List<TaskSpec> tasks() {
    List<TaskSpec> tasks = new ArrayList<>();
    for (Place place : Place.values()) {
      tasks.add(ChaosFamily.faulty(tasks.size(), place, Fault.HANG));
      tasks.add(ChaosFamily.faulty(tasks.size(), place, Fault.HANG));
      tasks.add(ChaosFamily.faulty(tasks.size(), place, Fault.DEAF_HANG));
    }
    List<Place> places = List.of(Place.values());
    List<Fault> quick = Stream.of(Fault.values()).filter(fault -> !fault.hangs()).toList();
    for (int faults = 0; tasks.size() < EPISODES; ) {
      if (tasks.size() % 5 == 0) {
        Place place = places.get(faults % places.size());
        Fault fault = quick.get(faults / places.size() % quick.size());
        tasks.add(
            fault == Fault.NOTHING && !place.returns()
                ? ChaosFamily.task(tasks.size(), ChaosFamily.SOUND)
                : ChaosFamily.faulty(tasks.size(), place, fault));
        faults++;
      } else {
        tasks.add(ChaosFamily.task(tasks.size(), ChaosFamily.SOUND));
      }
    }
    return tasks;
  }

  /** All that an episode was. */
  private static String text(Trajectory one) {
    return String.join(
        "\n",
        one.id(),
        one.episode().exitReason().name(),
        one.episode().steps().toString(),
        one.episode().turns().stream().map(Turn::text).toList().toString(),
        one.verdict().toString());
  }

  @ParameterizedTest
  @EnumSource
  void faultyEpisodesFailAloneAndLeaveNothingBehind(Scheduling scheduling) {
    List<TaskSpec> tasks = tasks();
    List<TaskSpec> sound =
        tasks.stream().filter(task -> task.category().equals(ChaosFamily.SOUND)).toList();
    List<Integer> progress = new ArrayList<>();

    RolloutResult result =
        executor(family, scheduling)
            .run(
                tasks.stream().map(this::plan).toList(),
                new Agent(/* soundBatches= */ 3),
                progress::add);
    RolloutResult alone =
        executor(new ChaosFamily(), scheduling)
            .run(
                sound.stream().map(this::plan).toList(),
                new Agent(/* soundBatches= */ Integer.MAX_VALUE),
                _ -> {});

    assertThat(result.planned()).isEqualTo(EPISODES);
    assertThat(result.trajectories()).hasSize(sound.size());
    assertThat(result.failures())
        .hasSize(EPISODES - sound.size())
        .allMatch(one -> one.attempts() == LocalRolloutExecutor.ATTEMPTS)
        .noneMatch(one -> one.task().category().equals(ChaosFamily.SOUND));
    assertThat(result.attempts()).isGreaterThanOrEqualTo(EPISODES + 2 * result.failures().size());
    // Of three attempts each; on a busy machine one may be given up before its call began.
    int deaf = 2 * Place.values().length;
    assertThat(result.abandoned()).isGreaterThanOrEqualTo(deaf);
    assertThat(progress.stream().mapToInt(Integer::intValue).sum()).isEqualTo(EPISODES);
    assertThat(result.trajectories().stream().map(ChaosTest::text))
        .isEqualTo(alone.trajectories().stream().map(ChaosTest::text).toList());

    assertThat(family.alive())
        .as("abandoned threads, while they last")
        .isGreaterThanOrEqualTo(deaf);
    family.release.countDown();
    while (family.alive() > 0) {
      Thread.onSpinWait();
    }
    assertThat(family.closed)
        .as("each closed once")
        .doesNotHaveDuplicates()
        .hasSize(family.opened.get());
    while (family.environments.stream().anyMatch(one -> one.get() != null)) {
      System.gc();
    }
  }

  @Test
  void saysWhatWentWrong() {
    List<TaskSpec> tasks =
        List.of(
            ChaosFamily.faulty(0, Place.OPEN, Fault.ERROR),
            ChaosFamily.faulty(1, Place.VERIFY, Fault.WITHOUT_WORDS),
            ChaosFamily.faulty(2, Place.VERIFY, Fault.NOTHING),
            ChaosFamily.faulty(3, Place.CLOSE, Fault.CHECKED),
            ChaosFamily.faulty(4, Place.VERIFY, Fault.HANG));

    assertThatThrownBy(
            () ->
                executor(family, Scheduling.LOCKSTEP)
                    .run(
                        tasks.stream().map(this::plan).toList(),
                        new Agent(Integer.MAX_VALUE),
                        _ -> {}))
        .isInstanceOfSatisfying(
            PoisonedRoundException.class,
            poisoned ->
                assertThat(poisoned.result().failures())
                    .extracting(FailedEpisode::detail)
                    .containsExactly(
                        "opening the environment failed: java.lang.AssertionError: planted",
                        "judging failed: dev.tandem.rollout.run.ChaosFamily$Wordless",
                        "judging failed: java.lang.NullPointerException: there is no verdict",
                        "closing the environment failed: java.io.IOException: planted",
                        "the episode outlived its deadline of 1.0 s while judging"));
  }

  /** More than there are processors, none of which ever gives its own up. */
  @ParameterizedTest
  @EnumSource
  void episodesThatComputeForEverStopNobody(Scheduling scheduling) {
    int spinning = Runtime.getRuntime().availableProcessors() + 1;
    List<EpisodePlan> plans = new ArrayList<>();
    for (int i = 0; i < 20 + spinning; i++) {
      plans.add(
          plan(
              i < spinning
                  ? ChaosFamily.faulty(i, Place.ACT, Fault.SPIN)
                  : ChaosFamily.task(i, ChaosFamily.SOUND)));
    }
    RolloutResult result =
        executor(family, scheduling).run(plans, new Agent(Integer.MAX_VALUE), _ -> {});
    assertThat(result.trajectories()).hasSize(20);
    assertThat(result.failures()).hasSize(spinning);
    assertThat(new HashSet<>(result.failures()))
        .allMatch(one -> one.detail().endsWith("was abandoned for it did not end"));
    family.release.countDown();
    while (family.alive() > 0) {
      Thread.onSpinWait();
    }
  }
}
