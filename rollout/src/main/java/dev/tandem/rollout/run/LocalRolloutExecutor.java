package dev.tandem.rollout.run;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.EpisodePlayer.Played;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs episodes on this machine: one virtual thread each, model calls batched across all of them.
 * One that fails for reasons outside the agent is tried again with the same seed.
 */
public final class LocalRolloutExecutor implements RolloutExecutor {
  /** How often an episode is tried. */
  static final int ATTEMPTS = 3;

  private final Settings settings;
  private final EpisodePlayer player;

  /** Providers that hang, and what they did; they are not asked again. */
  private final Map<ModelProvider, String> stuck =
      Collections.synchronizedMap(new IdentityHashMap<>());

  /** Episodes without models beside the acting one. */
  public LocalRolloutExecutor(EnvironmentFamily family, Settings settings) {
    this(family, settings, Map.of());
  }

  /**
   * @param models for environments that need some, by role
   * @throws IllegalArgumentException if episodes of this family cannot be scheduled as set
   */
  public LocalRolloutExecutor(
      EnvironmentFamily family, Settings settings, Map<ModelRole, Model> models) {
    settings.scheduling().requireFor(family);
    this.settings = settings;
    this.player = new EpisodePlayer(family, settings.limits(), models);
  }

  /**
   * @param concurrency episodes at once
   * @param limits of each episode
   * @param grace how long after its deadline an attempt is waited for before it is abandoned
   * @param toleratedFailures share of the episodes above which failures poison the round
   */
  public record Settings(
      int concurrency,
      Scheduling scheduling,
      EpisodeLimits limits,
      Duration grace,
      double toleratedFailures) {
    public Settings {
      if (concurrency < 1) {
        throw new IllegalArgumentException("concurrency must be at least 1, was " + concurrency);
      }
      if (!grace.isPositive()) {
        throw new IllegalArgumentException("grace must be above 0, was " + grace);
      }
      if (!(toleratedFailures >= 0 && toleratedFailures <= 1)) {
        throw new IllegalArgumentException(
            "the share of tolerated failures must be in [0, 1], was " + toleratedFailures);
      }
    }

    /** The defaults for worlds with these capabilities. */
    public static Settings forWorld(Capabilities capabilities) {
      return new Settings(
          512, Scheduling.auto(capabilities), EpisodeLimits.DEFAULT, Duration.ofSeconds(10), 0.1);
    }

    public Settings withConcurrency(int other) {
      return new Settings(other, scheduling, limits, grace, toleratedFailures);
    }

    public Settings withScheduling(Scheduling other) {
      return new Settings(concurrency, other, limits, grace, toleratedFailures);
    }

    public Settings withLimits(EpisodeLimits other) {
      return new Settings(concurrency, scheduling, other, grace, toleratedFailures);
    }

    public Settings withGrace(Duration other) {
      return new Settings(concurrency, scheduling, limits, other, toleratedFailures);
    }

    public Settings withToleratedFailures(double share) {
      return new Settings(concurrency, scheduling, limits, grace, share);
    }
  }

  @Override
  public RolloutResult run(List<EpisodePlan> plans, ModelProvider model, IntConsumer finished) {
    String known = stuck.get(model);
    if (known != null) {
      finished.accept(plans.size());
      throw new PoisonedRoundException(untried(plans, known), known);
    }
    try (ProviderThread provider =
        new ProviderThread(model, settings.limits().deadline(), settings.grace())) {
      RolloutResult result =
          provider.stuck().isPresent()
              ? untried(plans, provider.stuck().get())
              : run(plans, provider, finished);
      provider.stuck().ifPresent(why -> stuck.put(model, why));
      if (provider.stuck().isPresent() && !result.failures().isEmpty()) {
        throw new PoisonedRoundException(result, provider.stuck().get());
      }
      if (result.failedShare() > settings.toleratedFailures()) {
        throw new PoisonedRoundException(result);
      }
      return result;
    }
  }

  private static RolloutResult untried(List<EpisodePlan> plans, String why) {
    Played.Broken broken = new Played.Broken(ExitReason.MODEL_FAILURE, why);
    return new RolloutResult(
        List.of(), plans.stream().map(plan -> failed(plan, broken, "", 1)).toList());
  }

  private RolloutResult run(
      List<EpisodePlan> plans, ProviderThread provider, IntConsumer finished) {
    List<@Nullable Played> played = new ArrayList<>(plans.size());
    plans.forEach(_ -> played.add(null));
    int[] open = IntStream.range(0, plans.size()).toArray();
    int tries = 0;
    int attempts = 0;
    int abandoned = 0;
    while (tries < ATTEMPTS && open.length > 0 && provider.stuck().isEmpty()) {
      Pass pass = new Pass(IntStream.of(open).mapToObj(plans::get).toList(), provider);
      List<Played> tried = pass.run(tries == 0 ? finished : _ -> {});
      for (int i = 0; i < open.length; i++) {
        played.set(open[i], tried.get(i));
      }
      tries++;
      attempts += open.length;
      abandoned += pass.abandoned;
      open = IntStream.of(open).filter(i -> played.get(i) instanceof Played.Broken).toArray();
    }
    List<Trajectory> trajectories = new ArrayList<>(plans.size());
    List<FailedEpisode> failures = new ArrayList<>();
    for (int i = 0; i < plans.size(); i++) {
      switch (Objects.requireNonNull(played.get(i))) {
        case Played.Judged(Trajectory trajectory) -> trajectories.add(trajectory);
        case Played.Broken broken ->
            failures.add(failed(plans.get(i), broken, provider.checkpoint(), tries));
      }
    }
    return new RolloutResult(trajectories, failures, attempts, abandoned);
  }

  private static FailedEpisode failed(
      EpisodePlan plan, Played.Broken broken, String checkpoint, int attempts) {
    return new FailedEpisode(
        plan.id(),
        plan.phase(),
        plan.round(),
        plan.task(),
        plan.harness().hash(),
        checkpoint,
        plan.seed(),
        broken.reason(),
        broken.detail(),
        attempts);
  }

  /** One attempt at each of some episodes. */
  private final class Pass {
    private final List<EpisodePlan> plans;
    private final ProviderThread provider;
    private int abandoned;

    Pass(List<EpisodePlan> plans, ProviderThread provider) {
      this.plans = plans;
      this.provider = provider;
    }

    List<Played> run(IntConsumer finished) {
      Scheduler.Terms terms =
          new Scheduler.Terms(
              settings.scheduling().pace(),
              settings.concurrency(),
              settings.limits().deadline(),
              settings.grace());
      List<Outcome<Played>> outcomes =
          Scheduler.run(plans.size(), this::play, provider, terms, finished);
      return outcomes.stream().map(this::played).toList();
    }

    private Played play(int number, Model port, Consumer<String> activity) {
      return player.play(plans.get(number), port, provider.provider()::checkpoint, activity);
    }

    private Played played(Outcome<Played> outcome) {
      return switch (outcome) {
        case Outcome.Ended(Played value) -> value;
        case Outcome.Threw(String sentence) ->
            new Played.Broken(ExitReason.ENVIRONMENT_FAILURE, sentence);
        case Outcome.Overdue(String activity, boolean left) -> {
          if (left) {
            abandoned++;
          }
          yield new Played.Broken(
              ExitReason.ENVIRONMENT_FAILURE,
              "the episode outlived its deadline of %s s while %s%s"
                  .formatted(
                      settings.limits().deadline().toMillis() / 1000.0,
                      activity,
                      left ? ", and was abandoned for it did not end" : ""));
        }
      };
    }
  }
}
