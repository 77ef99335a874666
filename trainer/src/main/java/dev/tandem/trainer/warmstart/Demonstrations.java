package dev.tandem.trainer.warmstart;

import dev.tandem.harness.Harness;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.Expert;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What an environment's expert does, shown through many harnesses. Now and then another admissible
 * command is carried out instead of the expert's move, so that the lesson includes the way back
 * from mistakes; what is taught is always the expert's move (as in DART, Laskey et al. 2017, with
 * random noise).
 */
final class Demonstrations {
  private final EnvironmentFamily family;
  private final List<TaskSpec> tasks;
  private final HarnessSampler harnesses;
  private final double noise;
  private final long seed;

  /**
   * @param tasks that are demonstrated, in turns if there are fewer than demonstrations
   */
  Demonstrations(
      EnvironmentFamily family,
      List<TaskSpec> tasks,
      HarnessSampler harnesses,
      double noise,
      long seed) {
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("a warm start needs tasks to demonstrate, had none");
    }
    this.family = family;
    this.tasks = List.copyOf(tasks);
    this.harnesses = harnesses;
    this.noise = noise;
    this.seed = seed;
  }

  /**
   * Lessons from some of the demonstrations, in their order and that of their steps. In every pass
   * the expert meets the same tasks, with other mishaps on the way, seen through other harnesses.
   *
   * @param from the first
   * @param to after the last
   */
  List<Demonstrator.Lesson> show(int from, int to, int pass) {
    List<Demonstrator.Lesson> lessons = new ArrayList<>();
    for (int i = from; i < to; i++) {
      TaskSpec task = tasks.get(i % tasks.size());
      Harness harness = harnesses.sample(RandomStreams.stream(seed, "shown through", i, pass));
      SplittableRandom random = RandomStreams.stream(seed, "demonstration", i, pass);
      Demonstrator taught =
          new Demonstrator(
              family.open(
                  task,
                  EpisodeContext.of(RandomStreams.derive(seed, "demonstrated environment", i))),
              expert(task),
              noise,
              random);
      EpisodeRunner.run(harness, taught, taught, budget(task), random.nextLong());
      lessons.addAll(taught.lessons());
    }
    return lessons;
  }

  private Expert expert(TaskSpec task) {
    return family
        .expert(task)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "environment '%s' has no expert to learn from: give the model a checkpoint"
                        .formatted(family.id())));
  }

  private static Budget budget(TaskSpec task) {
    return new Budget(2 * task.stepLimit(), 2, Long.MAX_VALUE);
  }
}
