package dev.tandem.aegis.study;

import dev.tandem.aegis.gate.PairOutcome;
import dev.tandem.aegis.gate.PairOutcome.Outcome;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays simulated episodes. Two arms' episodes at a gate task are independent given the task:
 * common random numbers can only make a paired test sharper than it is here.
 */
final class Play {
  /** Rounds after which the panel has been replaced. */
  private static final int PANEL_ROUNDS = 8;

  private final World world;
  private final StudySettings settings;
  private final Map<String, Integer> nextGateTask = new HashMap<>();
  private int nextTask;

  Play(World world, StudySettings settings) {
    this.world = world;
    this.settings = settings;
  }

  /** The tasks of a round: a slowly rotating panel, and new ones. */
  List<StudyTask> tasks(int round) {
    int rotated = round * settings.panel() / PANEL_ROUNDS;
    List<StudyTask> tasks =
        new ArrayList<>(StudyTask.draw(world, "panel", rotated, settings.panel()));
    int fresh = settings.tasks() - settings.panel();
    tasks.addAll(StudyTask.draw(world, "train", round * fresh, fresh));
    return tasks;
  }

  boolean train(StudyTask task, Assignment arm, int round, int attempt) {
    return RandomStreams.stream(task.seed(), "attempt", round, attempt).nextDouble()
        < world.chance(task, arm);
  }

  /** The next gate tasks, whatever they are. */
  List<PairOutcome> pairs(Assignment incumbent, Assignment candidate, int count) {
    List<PairOutcome> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(pair(StudyTask.draw(world, "gate", nextTask++), incumbent, candidate));
    }
    return pairs;
  }

  /** The next gate tasks themselves. */
  List<StudyTask> gateTasks(int count) {
    List<StudyTask> tasks = StudyTask.draw(world, "gate", nextTask, count);
    nextTask += count;
    return tasks;
  }

  /** The next gate tasks of these clusters. */
  List<PairOutcome> pairs(
      Assignment incumbent, Assignment candidate, Map<String, Integer> clusters) {
    List<PairOutcome> pairs = new ArrayList<>();
    clusters.forEach(
        (cluster, count) -> {
          for (int left = count; left > 0; ) {
            int index = nextGateTask.merge(cluster, 1, Integer::sum);
            StudyTask task = StudyTask.draw(world, "gate of " + cluster, index);
            if (task.cluster().equals(cluster)) {
              pairs.add(pair(task, incumbent, candidate));
              left--;
            }
          }
        });
    return pairs;
  }

  private PairOutcome pair(StudyTask task, Assignment incumbent, Assignment candidate) {
    return new PairOutcome(
        task.key(),
        task.cluster(),
        Outcome.of(gate(task, incumbent, "incumbent")),
        Outcome.of(gate(task, candidate, "candidate")));
  }

  boolean gate(StudyTask task, Assignment arm, String side) {
    return RandomStreams.stream(task.seed(), side).nextDouble() < world.chance(task, arm);
  }
}
