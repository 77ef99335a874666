package dev.tandem.trainer.run;

import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.EpisodePlan;
import dev.tandem.rollout.run.RolloutExecutor;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.trainer.recipe.RolloutSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Plans a run's episodes: which tasks, under which harness, with which random streams. Every seed
 * is derived by name from the run's, so two harnesses that play one task face common random
 * numbers.
 */
public final class Rollouts {
  private final EnvironmentFamily family;
  private final RolloutExecutor executor;
  private final ProcessorRegistry registry;
  private final RolloutSettings settings;
  private final long seed;
  private final Monitor monitor;
  private final Map<Split, List<TaskSpec>> tasks = new ConcurrentHashMap<>();

  public Rollouts(
      EnvironmentFamily family,
      RolloutExecutor executor,
      ProcessorRegistry registry,
      RolloutSettings settings,
      long seed,
      Monitor monitor) {
    this.family = family;
    this.executor = executor;
    this.registry = registry;
    this.settings = settings;
    this.seed = seed;
    this.monitor = monitor;
  }

  /**
   * A round's train episodes. With a challenger, the second half of each task's group runs under
   * it, on the first half's seeds.
   */
  public List<Trajectory> collect(
      int round, HarnessConfig incumbent, Optional<HarnessConfig> challenger, ModelProvider model) {
    Harness first = Harness.compile(incumbent, registry);
    Harness second = challenger.map(config -> Harness.compile(config, registry)).orElse(first);
    int half = challenger.isPresent() ? settings.episodesPerTask() / 2 : settings.episodesPerTask();
    List<EpisodePlan> plans = new ArrayList<>(settings.episodes());
    for (TaskSpec task : draw(round)) {
      for (int attempt = 0; attempt < settings.episodesPerTask(); attempt++) {
        plans.add(
            new EpisodePlan(
                "r%04d-%05d".formatted(round, plans.size()),
                round,
                task,
                attempt < half ? first : second,
                RandomStreams.derive(seed, "rollout", round, task.index(), attempt % half)));
      }
    }
    return play("round %d rollouts".formatted(round), plans, model);
  }

  /** The gate's way to play its own tasks under any harness, with the present weights. */
  public Rehearsal rehearsal(int round, ModelProvider model) {
    return (harness, firstTask, count, attempt) -> {
      List<TaskSpec> gate =
          tasks(Split.GATE, firstTask + count).subList(firstTask, firstTask + count);
      return play(
          "round %d gate".formatted(round),
          plans("g%04d".formatted(round), round, gate, harness, "rehearsal", attempt),
          model);
    };
  }

  /** Plays the first {@code episodes} tasks of a split once each. */
  public List<Trajectory> evaluate(
      HarnessConfig harness, Split split, int episodes, ModelProvider model) {
    return play(
        "%s evaluation".formatted(split.id()),
        plans("e-" + split.id(), 0, tasks(split, episodes), harness, "evaluation", 0),
        model);
  }

  private List<EpisodePlan> plans(
      String prefix,
      int round,
      List<TaskSpec> chosen,
      HarnessConfig config,
      String stream,
      int attempt) {
    Harness harness = Harness.compile(config, registry);
    List<EpisodePlan> plans = new ArrayList<>(chosen.size());
    for (TaskSpec task : chosen) {
      plans.add(
          new EpisodePlan(
              "%s-%05d".formatted(prefix, plans.size()),
              round,
              task,
              harness,
              RandomStreams.derive(seed, stream, task.index(), attempt)));
    }
    return plans;
  }

  private List<Trajectory> play(String what, List<EpisodePlan> plans, ModelProvider model) {
    try (Monitor.Task task = monitor.begin(what, plans.size(), "episodes")) {
      return executor.run(plans, model, task::advance);
    }
  }

  /** A round's tasks, drawn without replacement. */
  private List<TaskSpec> draw(int round) {
    List<TaskSpec> pool = new ArrayList<>(tasks(Split.TRAIN, settings.trainTasks()));
    SplittableRandom random = RandomStreams.stream(seed, "tasks", round);
    for (int i = 0; i < settings.tasksPerRound(); i++) {
      int chosen = i + random.nextInt(pool.size() - i);
      TaskSpec task = pool.get(chosen);
      pool.set(chosen, pool.get(i));
      pool.set(i, task);
    }
    return pool.subList(0, settings.tasksPerRound());
  }

  private List<TaskSpec> tasks(Split split, int count) {
    List<TaskSpec> known = tasks.getOrDefault(split, List.of());
    if (known.size() < count) {
      known = family.tasks(split, count);
      tasks.put(split, known);
    }
    return known.subList(0, count);
  }
}
