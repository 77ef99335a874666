package dev.tandem.trainer.run;

import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.TaskSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.SplittableRandom;

/**
 * Which tasks a round plays: a panel that recurs every round and is replaced slowly, so that what
 * happens to a task can be compared over rounds, and others drawn anew. A function of seed and
 * round alone.
 */
final class RoundTasks {
  /** One in so many of a round's tasks is of the panel. */
  private static final int PANEL_SHARE = 4;

  /** Rounds after which the panel has been replaced. */
  private static final int PANEL_ROUNDS = 8;

  private RoundTasks() {}

  /** A round's tasks, the panel's first, each once; all there are if there are no more. */
  static List<TaskSpec> draw(List<TaskSpec> pool, int wanted, long seed, int round) {
    return draw(pool, wanted, seed, round, 0);
  }

  /** The tasks that follow a round's first {@code played}; none of them twice. */
  static List<TaskSpec> further(
      List<TaskSpec> pool, int wanted, long seed, int round, int played, int more) {
    int drawn = Math.min(wanted, pool.size());
    List<TaskSpec> all = draw(pool, wanted, seed, round, played + more - drawn);
    return all.subList(Math.min(played, all.size()), all.size());
  }

  private static List<TaskSpec> draw(
      List<TaskSpec> pool, int wanted, long seed, int round, int more) {
    int drawn = Math.min(wanted, pool.size());
    int standing = drawn / PANEL_SHARE;
    int replaced = Math.floorMod((long) round * standing / PANEL_ROUNDS, pool.size());
    List<TaskSpec> order = shuffled(pool, RandomStreams.stream(seed, "panel"), pool.size());
    SequencedSet<TaskSpec> tasks = new LinkedHashSet<>();
    for (int i = 0; i < standing; i++) {
      tasks.add(order.get((replaced + i) % order.size()));
    }
    List<TaskSpec> rest = new ArrayList<>(pool);
    rest.removeAll(tasks);
    int others = Math.min(rest.size(), drawn - standing + more);
    tasks.addAll(shuffled(rest, RandomStreams.stream(seed, "tasks", round), others));
    return List.copyOf(tasks);
  }

  /** The first few of a random order. */
  private static List<TaskSpec> shuffled(List<TaskSpec> tasks, SplittableRandom random, int count) {
    List<TaskSpec> all = new ArrayList<>(tasks);
    for (int i = 0; i < count; i++) {
      int chosen = i + random.nextInt(all.size() - i);
      TaskSpec task = all.get(chosen);
      all.set(chosen, all.get(i));
      all.set(i, task);
    }
    return all.subList(0, count);
  }
}
