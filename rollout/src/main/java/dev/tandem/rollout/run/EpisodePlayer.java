package dev.tandem.rollout.run;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.value.SteadyClock;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Plays and judges one planned episode. Whatever its environment or its harness throws becomes a
 * failure of this episode; an Error too, for it is thrown by foreign code about its own affairs.
 */
final class EpisodePlayer {
  private static final String OPENING = "opening the environment";
  private static final String PLAYING = "playing";
  private static final String JUDGING = "judging";
  private static final String CLOSING = "closing the environment";

  private final EnvironmentFamily family;
  private final EpisodeLimits limits;
  private final Map<ModelRole, Model> models;

  EpisodePlayer(EnvironmentFamily family, EpisodeLimits limits, Map<ModelRole, Model> models) {
    this.family = family;
    this.limits = limits;
    this.models = models;
  }

  /** What an episode came to. */
  sealed interface Played {
    /** It was judged. */
    record Judged(Trajectory trajectory) implements Played {}

    /** It says nothing about the agent. */
    record Broken(ExitReason reason, String detail) implements Played {}
  }

  /**
   * @param checkpoint tells the name of the weights
   * @param activity told what the episode is at
   */
  Played play(
      EpisodePlan plan, Model model, Supplier<String> checkpoint, Consumer<String> activity) {
    activity.accept(OPENING);
    Environment environment;
    try {
      environment =
          Objects.requireNonNull(
              family.open(plan.task(), context(plan.seed())), "there is no environment");
    } catch (Throwable e) {
      return broken(ExitReason.ENVIRONMENT_FAILURE, OPENING, e);
    }
    Played played = playIn(environment, plan, model, checkpoint, activity);
    activity.accept(CLOSING);
    // An interrupt was for what came before; what is to be released may need to wait.
    Thread.interrupted();
    try {
      environment.close();
    } catch (Throwable e) {
      return played instanceof Played.Judged
          ? broken(ExitReason.ENVIRONMENT_FAILURE, CLOSING, e)
          : played;
    }
    return played;
  }

  private EpisodeContext context(long seed) {
    InstantSource clock = new SteadyClock();
    Instant deadline = clock.instant().plus(limits.deadline());
    return new EpisodeContext(seed, models, clock, deadline);
  }

  private Played playIn(
      Environment environment,
      EpisodePlan plan,
      Model model,
      Supplier<String> checkpoint,
      Consumer<String> activity) {
    activity.accept(PLAYING);
    Episode episode;
    try {
      episode =
          EpisodeRunner.run(
              plan.harness(), environment, model, limits.budget(plan.task()), plan.seed());
    } catch (Throwable e) {
      return broken(ExitReason.ENVIRONMENT_FAILURE, PLAYING, e);
    }
    if (episode.exitReason().isInfrastructure()) {
      return new Played.Broken(episode.exitReason(), episode.detail());
    }
    activity.accept(JUDGING);
    Verdict verdict;
    try {
      verdict = Objects.requireNonNull(environment.verify(episode), "there is no verdict");
    } catch (Throwable e) {
      return broken(ExitReason.VERIFIER_FAILURE, JUDGING, e);
    }
    try {
      return new Played.Judged(
          new Trajectory(
              plan.id(),
              plan.phase(),
              plan.round(),
              plan.task(),
              plan.harness().hash(),
              Objects.requireNonNull(checkpoint.get(), "the weights have no name"),
              plan.seed(),
              episode,
              verdict));
    } catch (Throwable e) {
      return broken(ExitReason.MODEL_FAILURE, "naming the weights", e);
    }
  }

  private static Played broken(ExitReason reason, String doing, Throwable cause) {
    return new Played.Broken(reason, "%s failed: %s".formatted(doing, Sentences.of(cause)));
  }
}
