package dev.tandem.trainer.run;

import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.run.EpisodePlan;
import dev.tandem.rollout.run.RolloutExecutor;
import dev.tandem.rollout.run.RolloutResult;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.recipe.RolloutSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Plans a run's episodes: which tasks, under which harness, with which random streams. Every seed
 * is derived by name from the run's; at the gate and in evaluations, two harnesses that play one
 * task face common random numbers.
 */
public final class Rollouts {
  /** No rule plays a task more often than this in one pass through the gate's tasks. */
  private static final int ATTEMPTS_A_PASS = 1_000;

  private final EnvironmentFamily family;
  private final RolloutExecutor executor;
  private final Outfit outfit;
  private final RolloutSettings settings;
  private final int trainTasks;
  private final long seed;
  private final Monitor monitor;

  /**
   * @param trainTasks how many tasks of the train split, from the first, rounds draw from
   */
  public Rollouts(
      EnvironmentFamily family,
      RolloutExecutor executor,
      Outfit outfit,
      RolloutSettings settings,
      int trainTasks,
      long seed,
      Monitor monitor) {
    this.trainTasks = trainTasks;
    this.family = family;
    this.executor = executor;
    this.outfit = outfit;
    this.settings = settings;
    this.seed = seed;
    this.monitor = monitor;
  }

  /** Content hash of a harness, by the processor types that this run knows. */
  public String hash(HarnessConfig harness) {
    return outfit.hash(harness);
  }

  /**
   * A round's train episodes. With a challenger, the second half of each task's group runs under
   * it. Every attempt has its own random streams: where an edit does nothing, attempts that shared
   * them would be one attempt twice, and the group half as large.
   */
  public RolloutResult collect(
      int round, HarnessConfig incumbent, Optional<HarnessConfig> challenger, ModelProvider model) {
    Harness first = outfit.compile(incumbent);
    Harness second = challenger.map(outfit::compile).orElse(first);
    int half = challenger.isPresent() ? settings.episodesPerTask() / 2 : settings.episodesPerTask();
    List<EpisodePlan> plans = new ArrayList<>(settings.episodes());
    for (TaskSpec task : draw(round)) {
      for (int attempt = 0; attempt < settings.episodesPerTask(); attempt++) {
        plans.add(
            new EpisodePlan(
                "r%04d-%05d".formatted(round, plans.size()),
                Phase.TRAIN,
                round,
                task,
                attempt < half ? first : second,
                RandomStreams.derive(seed, "rollout", task.id(), round, attempt)));
      }
    }
    return play("round %d rollouts".formatted(round), plans, model);
  }

  /**
   * The gate's way to play its own tasks under any harness, with the present weights. Every
   * rehearsal of a round names its episodes by its own number.
   */
  public Rehearsal rehearsal(int round, ModelProvider model) {
    AtomicInteger rehearsals = new AtomicInteger();
    return (harness, firstTask, count, attempt) ->
        play(
            "round %d gate".formatted(round),
            gatePlans(
                "g%04d-%03d".formatted(round, rehearsals.incrementAndGet()),
                round,
                harness,
                firstTask,
                count,
                attempt),
            model);
  }

  /** A finite gate split is played again from its beginning, with other random numbers. */
  private List<EpisodePlan> gatePlans(
      String prefix, int round, HarnessConfig harness, int firstTask, int count, int attempt) {
    int size = family.tasks().size(Split.GATE).orElse(Integer.MAX_VALUE);
    List<EpisodePlan> plans = new ArrayList<>(count);
    for (int first = firstTask; plans.size() < count; ) {
      int pass = first / size;
      int next = Math.min(count - plans.size(), size - first % size);
      plans.addAll(
          plans(
              "%s%s".formatted(prefix, pass == 0 ? "" : "-pass-" + pass),
              Phase.GATE,
              round,
              family.tasks().tasks(Split.GATE, first % size, next),
              harness,
              "rehearsal",
              attempt + pass * ATTEMPTS_A_PASS));
      first += next;
    }
    return plans;
  }

  /**
   * Plays the first {@code episodes} tasks of a split once each, or as many as there are.
   *
   * @param round the round whose weights and harness are evaluated; chance does not depend on it
   */
  public RolloutResult evaluate(
      int round, HarnessConfig harness, Split split, int episodes, ModelProvider model) {
    return play(
        "%s evaluation".formatted(split.id()),
        plans(
            "e%04d-%s".formatted(round, split.id()),
            Phase.EVALUATION,
            round,
            family.tasks().tasks(split, 0, family.tasks().available(split, episodes)),
            harness,
            "evaluation",
            0),
        model);
  }

  private List<EpisodePlan> plans(
      String prefix,
      Phase phase,
      int round,
      List<TaskSpec> chosen,
      HarnessConfig config,
      String stream,
      int attempt) {
    Harness harness = outfit.compile(config);
    List<EpisodePlan> plans = new ArrayList<>(chosen.size());
    for (TaskSpec task : chosen) {
      plans.add(
          new EpisodePlan(
              "%s-%05d".formatted(prefix, plans.size()),
              phase,
              round,
              task,
              harness,
              RandomStreams.derive(seed, stream, task.id(), attempt)));
    }
    return plans;
  }

  private RolloutResult play(String what, List<EpisodePlan> plans, ModelProvider model) {
    try (Monitor.Task task = monitor.begin(what, plans.size(), "episodes")) {
      return executor.run(plans, model, task::advance);
    }
  }

  /** A round's tasks, drawn without replacement. */
  private List<TaskSpec> draw(int round) {
    List<TaskSpec> pool = new ArrayList<>(family.tasks().tasks(Split.TRAIN, 0, trainTasks));
    SplittableRandom random = RandomStreams.stream(seed, "tasks", round);
    int drawn = Math.min(settings.tasksPerRound(), pool.size());
    for (int i = 0; i < drawn; i++) {
      int chosen = i + random.nextInt(pool.size() - i);
      TaskSpec task = pool.get(chosen);
      pool.set(chosen, pool.get(i));
      pool.set(i, task);
    }
    return pool.subList(0, drawn);
  }
}
