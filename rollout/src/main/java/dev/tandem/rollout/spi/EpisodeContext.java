package dev.tandem.rollout.spi;

import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.value.SteadyClock;
import dev.tandem.rollout.RandomStreams;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What an environment gets for one episode beside its task.
 *
 * @param seed of the episode's streams; two environments of one task with equal seeds draw the same
 * @param models other models by role, such as a user simulator or a judge
 * @param clock the time, where a world needs one
 * @param deadline no earlier than this the episode is given up; time in which it waits for the
 *     acting model is not counted, so it may come later
 */
public record EpisodeContext(
    long seed, Map<ModelRole, Model> models, InstantSource clock, Instant deadline) {
  public EpisodeContext {
    Map<ModelRole, Model> copy = new EnumMap<>(ModelRole.class);
    copy.putAll(models);
    models = copy;
  }

  /** No models, a clock that nobody sets, an hour. */
  public static EpisodeContext of(long seed) {
    InstantSource clock = new SteadyClock();
    return new EpisodeContext(seed, Map.of(), clock, clock.instant().plus(Duration.ofHours(1)));
  }

  /** The environment's random stream of this name. */
  public SplittableRandom random(String name) {
    return RandomStreams.stream(seed, "environment " + name);
  }

  /** The model of a role, where the recipe has one. */
  public Optional<Model> model(ModelRole role) {
    return Optional.ofNullable(models.get(role));
  }
}
