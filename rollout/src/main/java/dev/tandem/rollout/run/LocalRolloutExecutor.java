package dev.tandem.rollout.run;

import dev.tandem.harness.event.Budget;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs episodes on this machine: one virtual thread each, model calls batched across all of them.
 */
public final class LocalRolloutExecutor implements RolloutExecutor {
  private static final int ATTEMPTS = 3;
  private static final double MOST_FAILED = 0.1;

  private final EnvironmentFamily family;
  private final Settings settings;

  public LocalRolloutExecutor(EnvironmentFamily family, Settings settings) {
    this.family = family;
    this.settings = settings;
  }

  /**
   * @param concurrency episodes at once
   * @param modelCallsPerStep first call and retries of one step
   * @param tokensPerEpisode prompt and response tokens of one episode
   */
  public record Settings(int concurrency, int modelCallsPerStep, long tokensPerEpisode) {
    public static final Settings DEFAULT = new Settings(512, 5, 1_000_000);

    public Settings {
      if (concurrency < 1) {
        throw new IllegalArgumentException("concurrency must be at least 1, was " + concurrency);
      }
    }
  }

  @Override
  public List<Trajectory> run(List<EpisodePlan> plans, ModelProvider model, IntConsumer finished) {
    @Nullable Trajectory[] trajectories = new Trajectory[plans.size()];
    int[] open = IntStream.range(0, plans.size()).toArray();
    for (int attempt = 0; attempt < ATTEMPTS && open.length > 0; attempt++) {
      List<Trajectory> done =
          runOnce(
              Arrays.stream(open).mapToObj(plans::get).toList(),
              model,
              attempt == 0 ? finished : count -> {});
      for (int i = 0; i < open.length; i++) {
        trajectories[open[i]] = done.get(i);
      }
      open =
          Arrays.stream(open)
              .filter(i -> present(trajectories[i]).episode().exitReason().isInfrastructure())
              .toArray();
    }
    if (open.length > MOST_FAILED * plans.size()) {
      throw new PoisonedRoundException(
          open.length, plans.size(), present(trajectories[open[0]]).episode().detail());
    }
    return Arrays.stream(trajectories).map(LocalRolloutExecutor::present).toList();
  }

  private List<Trajectory> runOnce(
      List<EpisodePlan> plans, ModelProvider model, IntConsumer finished) {
    AtomicReferenceArray<@Nullable Trajectory> results = new AtomicReferenceArray<>(plans.size());
    new Lockstep(model, settings.concurrency())
        .run(
            plans.size(),
            (number, port) -> {
              EpisodePlan plan = plans.get(number);
              Environment environment = family.open(plan.task());
              Budget budget =
                  new Budget(
                      plan.task().stepLimit(),
                      settings.modelCallsPerStep(),
                      settings.tokensPerEpisode());
              Episode episode =
                  EpisodeRunner.run(plan.harness(), environment, port, budget, plan.seed());
              results.set(
                  number,
                  new Trajectory(
                      plan.id(),
                      plan.round(),
                      plan.task(),
                      plan.harness().hash(),
                      model.checkpoint(),
                      plan.seed(),
                      episode,
                      environment.verify(episode)));
            },
            finished);
    List<Trajectory> trajectories = new ArrayList<>(plans.size());
    for (int i = 0; i < plans.size(); i++) {
      trajectories.add(present(results.get(i)));
    }
    return trajectories;
  }

  private static Trajectory present(@Nullable Trajectory trajectory) {
    if (trajectory == null) {
      throw new IllegalStateException(
          "an episode ended without a trajectory: its thread died of an error printed above");
    }
    return trajectory;
  }
}
