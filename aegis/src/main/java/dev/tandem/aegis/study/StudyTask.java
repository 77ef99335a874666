package dev.tandem.aegis.study;

import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A task of a simulated world.
 *
 * @param ease what it adds to the log-odds of success
 * @param seed of what is peculiar to this task
 */
record StudyTask(String key, String cluster, double ease, long seed) {
  /** Standard deviation of tasks' ease [logits]: within-task correlation 0.33. */
  private static final double SPREAD = 1.65;

  static StudyTask draw(World world, String split, int index) {
    long seed = RandomStreams.derive(world.seed(), "task", split, index);
    SplittableRandom random = new SplittableRandom(seed);
    List<String> clusters = world.clusters();
    String cluster = clusters.get(random.nextInt(clusters.size()));
    return new StudyTask(split + index, cluster, SPREAD * random.nextGaussian(), seed);
  }

  /** The tasks of a split with these indices. */
  static List<StudyTask> draw(World world, String split, int first, int count) {
    List<StudyTask> tasks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      tasks.add(draw(world, split, first + i));
    }
    return tasks;
  }
}
