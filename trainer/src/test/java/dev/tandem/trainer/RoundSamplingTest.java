package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.aegis.Aegis;
import dev.tandem.aegis.AegisSettings;
import dev.tandem.aegis.AegisState;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.run.Episode;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.run.EpisodePlan;
import dev.tandem.rollout.run.PoisonedRoundException;
import dev.tandem.rollout.run.RolloutResult;
import dev.tandem.rollout.spi.GeneralFailures;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.rollout.store.TraceException;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.grpo.DynamicSampling;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.recipe.Mode;
import dev.tandem.trainer.recipe.RolloutSettings;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.BackgroundSave;
import dev.tandem.trainer.run.Rollouts;
import dev.tandem.trainer.run.Saves;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A round plays on until enough of its groups have a signal. */
final class RoundSamplingTest {
  private static final int ATTEMPTS = 2;
  private static final RolloutSettings ROLLOUT = new RolloutSettings(4, ATTEMPTS, 18, 16, 1, 1);

  private static final AegisState HARNESSES = AegisState.initial(Tiny.harness());

  @TempDir private Path folder;

  /** Numbers the tasks in the order in which they are played. */
  private final Set<String> order = new LinkedHashSet<>();

  private final List<EpisodePlan> planned = new ArrayList<>();
  private final List<Integer> waves = new ArrayList<>();

  /** One in so many tasks is sometimes solved; the others never are. */
  private int signalEvery = 3;

  /** Episodes of the second wave that fail for reasons outside the agent. */
  private int failing;

  /** The latest model that played. */
  private ModelProvider player = new Nobody();

  private RolloutResult play(List<EpisodePlan> plans, ModelProvider model) {
    player = model;
    planned.addAll(plans);
    waves.add(plans.size());
    List<Trajectory> trajectories = new ArrayList<>();
    List<FailedEpisode> failures = new ArrayList<>();
    for (EpisodePlan plan : plans) {
      order.add(plan.task().id());
      if (waves.size() == 2 && failures.size() < failing) {
        failures.add(failed(plan));
      } else {
        boolean solvable = (order.size() - 1) % signalEvery == 0;
        trajectories.add(played(plan, solvable && trajectories.size() % ATTEMPTS == 0));
      }
    }
    RolloutResult result = new RolloutResult(trajectories, failures);
    if (result.failedShare() > ROLLOUT.poisonedAbove()) {
      throw new PoisonedRoundException(result);
    }
    return result;
  }

  private static Trajectory played(EpisodePlan plan, boolean solved) {
    double score = solved ? 1 : 0;
    return new Trajectory(
        plan.id(),
        plan.phase(),
        plan.round(),
        plan.task(),
        plan.harness().hash(),
        "round-0000",
        plan.seed(),
        Episode.neverBegun(ExitReason.FINISHED, ""),
        new Verdict(solved, score, score, new TreeMap<>(), List.of()));
  }

  private static FailedEpisode failed(EpisodePlan plan) {
    return new FailedEpisode(
        plan.id(),
        plan.phase(),
        plan.round(),
        plan.task(),
        plan.harness().hash(),
        "round-0000",
        plan.seed(),
        ExitReason.MODEL_FAILURE,
        "gone",
        3);
  }

  private static RunConfig config(Mode mode, DynamicSampling sampling) {
    RunConfig tiny = TinyRun.config(mode, 3);
    return new RunConfig(
        mode,
        tiny.seed(),
        tiny.rounds(),
        "house",
        tiny.model(),
        tiny.warmStart(),
        tiny.harness(),
        ROLLOUT,
        GrpoSettings.DEFAULTS.withDynamicSampling(sampling),
        tiny.optimiser(),
        tiny.aegis(),
        tiny.evaluation());
  }

  /** Something to do with a round's sampling. */
  private interface Work {
    void on(RoundSampling sampling, TraceStore traces) throws IOException;
  }

  private void sampling(RunConfig config, Work work) {
    HouseFamily house = new HouseFamily();
    try (TraceStore traces = TraceStore.open(folder);
        Ledger ledger = Ledger.open(folder.resolve("ledger.jsonl"));
        RoundSampling sampling =
            new RoundSampling(
                config,
                new Rollouts(
                    house,
                    (plans, model, finished) -> play(plans, model),
                    Outfit.of(Tiny.REGISTRY),
                    ROLLOUT,
                    ROLLOUT.trainTasks(),
                    config.seed(),
                    new SilentMonitor()),
                new EpisodeRecord(traces, new GeneralFailures()),
                new Aegis(AegisSettings.DEFAULTS, Tiny.REGISTRY, new GeneralFailures(), ledger),
                new BackgroundSave(new Saves()))) {
      work.on(sampling, traces);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Samples round 2 and notes what is stored. */
  private void store(RunConfig config, List<RoundSampling.Sampled> sampled) {
    sampling(
        config,
        (sampling, traces) -> {
          try {
            sampled.add(sampling.sample(HARNESSES, 2, new Nobody()));
          } finally {
            traces.trained(2).forEach(one -> storedIds.add(one.id()));
          }
        });
  }

  private final List<String> storedIds = new ArrayList<>();

  private RoundSampling.Sampled sample(RunConfig config) {
    List<RoundSampling.Sampled> sampled = new ArrayList<>();
    store(config, sampled);
    return sampled.getFirst();
  }

  private static final class Nobody implements ModelProvider {
    @Override
    public List<Model.Answer> complete(List<Model.Request> requests) {
      throw new AssertionError("nobody is asked");
    }

    @Override
    public String checkpoint() {
      return "round-0000";
    }
  }

  @Test
  void playsFurtherTasksUntilEnoughGroupsHaveASignal() {
    RunConfig config = config(Mode.COEVOLVE, new DynamicSampling.Refilled(4, 4));
    RoundSampling.Sampled sampled = sample(config);
    // tasks 0 and 3 of the first four; half of the next four should do and only 6 does; 9 is last
    assertThat(waves).containsExactly(4 * ATTEMPTS, 4 * ATTEMPTS, 3 * ATTEMPTS);
    assertThat(order).hasSize(11);
    assertThat(sampled.furtherTasks(config)).isEqualTo(7);
    assertThat(sampled.plan().arms()).hasSize(11);
    assertThat(planned.stream().map(EpisodePlan::id)).doesNotHaveDuplicates();
    assertThat(planned.stream().map(EpisodePlan::seed)).doesNotHaveDuplicates();
    assertThat(sampled.played().trajectories().stream().map(Trajectory::id))
        .containsExactlyElementsOf(planned.stream().map(EpisodePlan::id).toList());
    assertThat(storedIds).containsExactlyElementsOf(planned.stream().map(EpisodePlan::id).toList());
  }

  @Test
  void stopsAtTheCapAndWhereNoTaskIsLeft() {
    signalEvery = 1_000;
    sample(config(Mode.MODEL, new DynamicSampling.Refilled(4, 2.5)));
    assertThat(waves).containsExactly(4 * ATTEMPTS, 6 * ATTEMPTS);
    waves.clear();
    sample(config(Mode.MODEL, new DynamicSampling.Refilled(4, 50)));
    assertThat(waves).containsExactly(4 * ATTEMPTS, 14 * ATTEMPTS);
  }

  @Test
  void playsNoMoreWhereNobodyLearnsOrNothingIsMissing() {
    sample(config(Mode.HARNESS, new DynamicSampling.Refilled(4, 3)));
    sample(config(Mode.MODEL, new DynamicSampling.Filtered()));
    signalEvery = 1;
    sample(config(Mode.MODEL, new DynamicSampling.Refilled(4, 3)));
    assertThat(waves).containsExactly(4 * ATTEMPTS, 4 * ATTEMPTS, 4 * ATTEMPTS);
  }

  @Test
  void whatFailsPoisonsTheRoundByItsShareOfTheWhole() {
    RunConfig config = config(Mode.MODEL, new DynamicSampling.Refilled(3, 3));
    failing = 1;
    assertThat(sample(config).played().failures()).hasSize(1);
    waves.clear();
    order.clear();
    storedIds.clear();
    failing = 2;
    assertThatThrownBy(() -> sample(config))
        .isInstanceOfSatisfying(
            PoisonedRoundException.class,
            poisoned ->
                assertThat(poisoned.result().planned()).isEqualTo(4 * ATTEMPTS + 2 * ATTEMPTS));
    assertThat(storedIds).hasSize(4 * ATTEMPTS + 2 * ATTEMPTS - 2);
  }

  @Test
  void aRoundThatWasBegunIsTakenUpAndStoredOnlyThen() {
    sampling(
        config(Mode.MODEL, new DynamicSampling.Filtered()),
        (sampling, traces) -> {
          sampling.begin(HARNESSES, 2, new Nobody());
          sampling.await();
          assertThat(waves).hasSize(1);
          assertThatThrownBy(() -> traces.trained(2)).isInstanceOf(TraceException.class);
          RoundSampling.Sampled sampled = sampling.sample(HARNESSES, 2, new Nobody());
          assertThat(waves).hasSize(1);
          assertThat(traces.read(2)).isEqualTo(sampled.played().trajectories()).hasSize(8);
          assertThat(sampled.overlappedSeconds()).isPositive();
        });
  }

  /** As when a person has approved an edit meanwhile. */
  @Test
  void aRoundThatWasBegunForOtherHarnessesIsPlayedAnew() {
    sampling(
        config(Mode.MODEL, new DynamicSampling.Filtered()),
        (sampling, traces) -> {
          sampling.begin(AegisState.initial(HarnessConfig.of()), 2, new Nobody());
          sampling.await();
          ModelProvider before = player;
          RoundSampling.Sampled sampled = sampling.sample(HARNESSES, 2, new Nobody());
          assertThat(waves).hasSize(2);
          assertThat(sampled.plan().arms().values().iterator().next().getFirst().harness())
              .isEqualTo(Tiny.harness());
          assertThat(sampled.overlappedSeconds()).isZero();
          assertThat(traces.read(2)).isEqualTo(sampled.played().trajectories());
          assertThatThrownBy(() -> before.complete(List.of()))
              .isInstanceOf(Model.ModelException.class)
              .hasMessage("nobody waits for these episodes any more");
        });
  }

  @Test
  void whatIsPoisonedBesideOtherWorkIsSaidWhereTheRoundIsAskedFor() {
    RunConfig config = config(Mode.MODEL, new DynamicSampling.Filtered());
    waves.add(0);
    failing = 2;
    sampling(
        config,
        (sampling, traces) -> {
          sampling.begin(HARNESSES, 2, new Nobody());
          sampling.await();
          assertThatThrownBy(() -> sampling.sample(HARNESSES, 2, new Nobody()))
              .isInstanceOf(PoisonedRoundException.class);
          assertThat(traces.read(2)).hasSize(6);
        });
  }
}
