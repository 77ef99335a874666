package dev.tandem.rollout.house;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.Expert;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The house family. A task's step limit is what its expert needs plus a slack that takes turns
 * between three strata, so that wasted steps cost success in some tasks and not in others.
 */
public final class HouseFamily implements EnvironmentFamily {
  /** The family's name in configurations. */
  public static final String NAME = "house";

  private static final int[] SLACK = {3, 6, 12};
  private static final int MOST_TASKS = 1_000_000;
  private static final int EXPERT_PATIENCE = 100;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<TaskSpec> tasks(Split split, int count) {
    if (count > MOST_TASKS / 10) {
      throw new IllegalArgumentException(
          "house offers at most %d tasks of a split, was asked for %d"
              .formatted(MOST_TASKS / 10, count));
    }
    List<TaskSpec> tasks = new ArrayList<>(count);
    for (int index = 0; tasks.size() < count; index++) {
      HouseTask task = HouseGenerator.generate(index);
      String hash = ContentHash.sha256(task.canonicalText());
      if (Split.of(hash) == split) {
        tasks.add(
            new TaskSpec(NAME, task.goal().category(), split, index, hash, stepLimit(task, index)));
      }
    }
    return tasks;
  }

  @Override
  public Environment open(TaskSpec task) {
    return new HouseWorld(HouseGenerator.generate(task.index()));
  }

  @Override
  public Expert expert(TaskSpec task) {
    return expert(HouseGenerator.generate(task.index()));
  }

  @Override
  public List<String> vocabulary() {
    Set<String> words = new TreeSet<>();
    for (Receptacle kind : Receptacle.values()) {
      words.add(kind.word());
      words.add(kind.preposition());
    }
    for (Thing thing : Thing.values()) {
      words.add(thing.word());
    }
    for (Treatment treatment : Treatment.values()) {
      words.add(treatment.verb());
      words.add(treatment.adjective);
    }
    words.addAll(
        List.of(
            ("go to open close take from put with use lamp look at a an two under the you are in"
                    + " room nothing happens . 1 2 3 4")
                .split(" ")));
    return List.copyOf(words);
  }

  private static Expert expert(HouseTask task) {
    return new HouseExpert(task.goal(), new HouseWorld(task).reset());
  }

  /** Steps the expert takes, plus the slack of the task's stratum. */
  private static int stepLimit(HouseTask task, int index) {
    int stratum = index / HouseGenerator.TASK_TYPES % SLACK.length;
    return expertSteps(task) + SLACK[stratum];
  }

  static int expertSteps(HouseTask task) {
    HouseWorld world = new HouseWorld(task);
    Observation observation = world.reset();
    Expert expert = expert(task);
    int steps = 0;
    while (!world.isFinished()) {
      expert.observe(observation);
      observation = world.act(expert.act());
      if (++steps > EXPERT_PATIENCE) {
        throw new IllegalStateException("the expert does not solve " + task.canonicalText());
      }
    }
    return steps;
  }
}
