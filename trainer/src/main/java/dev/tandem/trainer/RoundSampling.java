package dev.tandem.trainer;

import dev.tandem.aegis.Aegis;
import dev.tandem.aegis.AegisState;
import dev.tandem.aegis.RoundPlan;
import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.run.PoisonedRoundException;
import dev.tandem.rollout.run.RolloutResult;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.rollout.store.SegmentName;
import dev.tandem.trainer.grpo.DynamicSampling;
import dev.tandem.trainer.learning.Signal;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.BackgroundSave;
import dev.tandem.trainer.run.Rollouts;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A round's train episodes: planned, played and stored; and more of them, where the recipe wants
 * more groups with a signal than came of it. What is played next depends on seed, round and the
 * rewards so far. A round may be begun beside other work, of which nothing is stored before it is
 * asked for.
 */
final class RoundSampling implements AutoCloseable {
  private final RunConfig config;
  private final Rollouts rollouts;
  private final EpisodeRecord record;
  private final Aegis aegis;
  private final BackgroundSave saving;
  private Optional<Begun> begun = Optional.empty();

  /**
   * @param saving the round before, which comes to its end before anything of this one is stored
   */
  RoundSampling(
      RunConfig config,
      Rollouts rollouts,
      EpisodeRecord record,
      Aegis aegis,
      BackgroundSave saving) {
    this.config = config;
    this.rollouts = rollouts;
    this.record = record;
    this.aegis = aegis;
    this.saving = saving;
  }

  /**
   * What was played.
   *
   * @param plan of all episodes
   * @param overlappedSeconds for how long they were played beside other work
   */
  record Sampled(RoundPlan plan, RolloutResult played, double overlappedSeconds) {
    /** Tasks beyond those that a round has; null where it never plays more. */
    @Nullable Integer furtherTasks(RunConfig config) {
      return config.grpo().dynamicSampling() instanceof DynamicSampling.Filtered
          ? null
          : Math.max(0, plan.arms().size() - config.rollout().tasksPerRound());
    }
  }

  /** A round that is played beside other work, and the harnesses that it is planned for. */
  private record Begun(AegisState harnesses, int round, long nanos, RolloutsAhead<Sampled> ahead) {}

  /** Begins to play a round, for {@link #sample} to take up. */
  void begin(AegisState harnesses, int round, ModelProvider model) {
    begun =
        Optional.of(
            new Begun(
                harnesses,
                round,
                System.nanoTime(),
                new RolloutsAhead<>(
                    "rollouts of round " + round,
                    model,
                    recallable -> timed(() -> play(harnesses, round, recallable)))));
  }

  /** Returns when nothing is played beside. */
  void await() {
    begun.ifPresent(one -> one.ahead().await());
  }

  @Override
  public void close() {
    begun.ifPresent(one -> one.ahead().close());
    begun = Optional.empty();
  }

  /** The round as it was begun; empty where none was, or other harnesses are in force since. */
  private Optional<Sampled> taken(AegisState harnesses, int round) {
    Optional<Begun> taken =
        begun.filter(one -> one.round() == round && one.harnesses().equals(harnesses));
    if (taken.isEmpty()) {
      close();
      return Optional.empty();
    }
    begun = Optional.empty();
    double beside = (System.nanoTime() - taken.get().nanos()) * 1e-9;
    Sampled sampled = taken.get().ahead().result();
    return Optional.of(
        new Sampled(sampled.plan, sampled.played, Math.min(beside, sampled.overlappedSeconds)));
  }

  private static Sampled timed(Supplier<Sampled> play) {
    Stopwatch stopwatch = new Stopwatch();
    Sampled sampled = play.get();
    return new Sampled(sampled.plan, sampled.played, stopwatch.lap());
  }

  /** Plays a round's train episodes and stores them, whatever they are good for. */
  Sampled sample(AegisState harnesses, int round, ModelProvider model) throws IOException {
    SegmentName segment = SegmentName.of(round, Phase.TRAIN);
    try {
      Sampled sampled = taken(harnesses, round).orElseGet(() -> play(harnesses, round, model));
      saving.await();
      record.write(segment, sampled.played);
      return sampled;
    } catch (PoisonedRoundException e) {
      saving.await();
      record.write(segment, e.result());
      throw e;
    }
  }

  private Sampled play(AegisState harnesses, int round, ModelProvider model) {
    RoundPlan plan = plan(harnesses, round, rollouts.draw(round));
    RolloutResult played = rollouts.collect(round, plan, 0, model);
    List<TaskSpec> further = further(round, plan, played);
    while (!further.isEmpty()) {
      RoundPlan more = plan(harnesses, round, further);
      played = withMore(round, more, played, model);
      plan = plan.and(more);
      further = further(round, plan, played);
    }
    return new Sampled(plan, played, 0);
  }

  /** Failures poison the round by their share of it, and not of the few that are played again. */
  private RolloutResult withMore(
      int round, RoundPlan more, RolloutResult before, ModelProvider model) {
    try {
      return before.and(rollouts.collect(round, more, before.planned(), model));
    } catch (PoisonedRoundException e) {
      PoisonedRoundException whole = e.after(before);
      if (e.isHopeless() || whole.result().failedShare() > config.rollout().poisonedAbove()) {
        throw whole;
      }
      return whole.result();
    }
  }

  /** Which harness plays each attempt at each task, whatever others are played beside it. */
  private RoundPlan plan(AegisState harnesses, int round, List<TaskSpec> tasks) {
    int attempts = config.rollout().episodesPerTask();
    return config.mode().evolvesHarness()
        ? aegis.plan(
            harnesses, round, tasks, attempts, RandomStreams.derive(config.seed(), "screen", round))
        : aegis.incumbentOnly(harnesses, tasks, attempts);
  }

  private List<TaskSpec> further(int round, RoundPlan plan, RolloutResult played) {
    DynamicSampling sampling = config.grpo().dynamicSampling();
    if (!config.mode().trainsModel() || sampling instanceof DynamicSampling.Filtered) {
      return List.of();
    }
    int groups =
        Signal.groups(
            played.trajectories(),
            config.grpo(),
            config.rollout().budget().tokens(),
            Kernels.scalar());
    int tasks = plan.arms().size();
    int wanted = sampling.further(groups, tasks, config.rollout().tasksPerRound());
    return rollouts.drawFurther(round, tasks, wanted);
  }
}
