package dev.tandem.trainer.run;

import dev.tandem.aegis.RoundPlan;
import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.aegis.route.HarnessPool;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
   * A round's train episodes, as planned. Every attempt has its own random streams: where a change
   * does nothing, attempts that shared them would be one attempt twice, and the group smaller.
   *
   * @param first number of the first of them in the round
   */
  public RolloutResult collect(int round, RoundPlan plan, int first, ModelProvider model) {
    Map<String, Harness> harnesses = new HashMap<>();
    List<EpisodePlan> plans = new ArrayList<>(settings.episodes());
    plan.arms()
        .forEach(
            (task, arms) -> {
              for (int attempt = 0; attempt < arms.size(); attempt++) {
                RoundPlan.Arm arm = arms.get(attempt);
                plans.add(
                    new EpisodePlan(
                        "r%04d-%05d".formatted(round, first + plans.size()),
                        Phase.TRAIN,
                        round,
                        task,
                        harnesses.computeIfAbsent(
                            arm.hash(), hash -> outfit.compile(arm.harness())),
                        RandomStreams.derive(seed, "rollout", task.id(), round, attempt)));
              }
            });
    return play("round %d rollouts".formatted(round), plans, model);
  }

  /**
   * The gate's way to play its own tasks under any harness, with the present weights. Every
   * rehearsal of a round names its episodes by its own number.
   */
  public Rehearsal rehearsal(int round, ModelProvider model) {
    return new GateEpisodes(round, model);
  }

  /** A finite gate split is played again from its beginning, with other random numbers. */
  private final class GateEpisodes implements Rehearsal {
    private final int round;
    private final ModelProvider model;
    private final int size = family.tasks().size(Split.GATE).orElse(Integer.MAX_VALUE);
    private int rehearsals;

    GateEpisodes(int round, ModelProvider model) {
      this.round = round;
      this.model = model;
    }

    @Override
    public RolloutResult run(HarnessConfig config, List<Integer> tasks, int attempt) {
      Harness harness = outfit.compile(config);
      rehearsals++;
      List<EpisodePlan> plans = new ArrayList<>(tasks.size());
      for (int task : tasks) {
        TaskSpec spec = spec(task);
        plans.add(
            new EpisodePlan(
                "g%04d-%03d-%05d".formatted(round, rehearsals, plans.size()),
                Phase.GATE,
                round,
                spec,
                harness,
                RandomStreams.derive(
                    seed, "rehearsal", spec.id(), attempt + task / size * ATTEMPTS_A_PASS)));
      }
      return play("round %d gate".formatted(round), plans, model);
    }

    @Override
    public String category(int task) {
      return spec(task).category();
    }

    private TaskSpec spec(int task) {
      return family.tasks().tasks(Split.GATE, task % size, 1).getFirst();
    }
  }

  /**
   * Plays the first {@code episodes} tasks of a split once each, or as many as there are.
   *
   * @param round the round whose weights and harnesses are evaluated; chance does not depend on it
   * @param pool each task is played under the harness that serves its kind
   */
  public RolloutResult evaluate(
      int round, HarnessPool pool, Split split, int episodes, ModelProvider model) {
    Map<HarnessConfig, Harness> harnesses = new HashMap<>();
    List<EpisodePlan> plans = new ArrayList<>();
    for (TaskSpec task :
        family.tasks().tasks(split, 0, family.tasks().available(split, episodes))) {
      plans.add(
          new EpisodePlan(
              "e%04d-%s-%05d".formatted(round, split.id(), plans.size()),
              Phase.EVALUATION,
              round,
              task,
              harnesses.computeIfAbsent(pool.serving(task.category()), outfit::compile),
              RandomStreams.derive(seed, "evaluation", task.id(), 0)));
    }
    return play("%s evaluation".formatted(split.id()), plans, model);
  }

  private RolloutResult play(String what, List<EpisodePlan> plans, ModelProvider model) {
    try (Monitor.Task task = monitor.begin(what, plans.size(), "episodes")) {
      return executor.run(plans, model, task::advance);
    }
  }

  /** A round's tasks: a pure function of the run's seed and the round. */
  public List<TaskSpec> draw(int round) {
    List<TaskSpec> pool = family.tasks().tasks(Split.TRAIN, 0, trainTasks);
    return RoundTasks.draw(pool, settings.tasksPerRound(), seed, round);
  }

  /** The tasks that a round plays after its first {@code played}, as many as there are. */
  public List<TaskSpec> drawFurther(int round, int played, int wanted) {
    List<TaskSpec> pool = family.tasks().tasks(Split.TRAIN, 0, trainTasks);
    return RoundTasks.further(pool, settings.tasksPerRound(), seed, round, played, wanted);
  }
}
