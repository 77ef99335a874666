package dev.tandem.rollout.testkit;

import dev.tandem.harness.value.SteadyClock;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.TaskCatalogue;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

/** The family that is looked at, and how it is played. */
final class Subject {
  private static final Duration PATIENCE = Duration.ofHours(1);

  private final EnvironmentFamily family;
  private final ContractSettings settings;

  Subject(EnvironmentFamily family, ContractSettings settings) {
    this.family = family;
    this.settings = settings;
  }

  EnvironmentFamily family() {
    return family;
  }

  ContractSettings settings() {
    return settings;
  }

  Capabilities capabilities() {
    return family.capabilities();
  }

  /** The first tasks of a split, as many as settings say and there are. */
  List<TaskSpec> tasks(Split split) {
    TaskCatalogue catalogue = family.tasks();
    return catalogue.tasks(split, 0, catalogue.available(split, settings.tasks()));
  }

  /** Those of all splits. */
  List<TaskSpec> tasks() {
    List<TaskSpec> all = new ArrayList<>();
    for (Split split : Split.values()) {
      all.addAll(tasks(split));
    }
    return all;
  }

  /** A few of them, of every split. */
  List<TaskSpec> fewTasks() {
    List<TaskSpec> few = new ArrayList<>();
    for (Split split : Split.values()) {
      List<TaskSpec> tasks = tasks(split);
      few.addAll(tasks.subList(0, Math.min(tasks.size(), Math.max(3, settings.tasks() / 4))));
    }
    return few;
  }

  /** A fresh environment; all of one task draw the same random numbers. */
  Environment open(TaskSpec task) {
    InstantSource clock = new SteadyClock();
    long seed = RandomStreams.derive(settings.seed(), "contract", task.key());
    return family.open(
        task, new EpisodeContext(seed, settings.models(), clock, clock.instant().plus(PATIENCE)));
  }

  int limit(TaskSpec task) {
    return Math.min(task.stepLimit(), settings.steps());
  }

  RandomPlayer player(TaskSpec task, Environment world) {
    long seed = RandomStreams.derive(settings.seed(), "player", task.key());
    return new RandomPlayer(new SplittableRandom(seed), world.tools());
  }

  /** Plays a fresh environment by chance. */
  Play playByChance(TaskSpec task) {
    try (Environment world = open(task)) {
      return Play.of(task, world, player(task, world), limit(task));
    }
  }

  /** Plays a few fresh environments by chance and looks at each afterwards, while it is open. */
  void afterPlay(BiConsumer<Environment, Play> look) {
    for (TaskSpec task : fewTasks()) {
      try (Environment world = open(task)) {
        look.accept(world, Play.of(task, world, player(task, world), limit(task)));
      }
    }
  }
}
