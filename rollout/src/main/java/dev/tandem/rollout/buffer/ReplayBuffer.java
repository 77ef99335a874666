package dev.tandem.rollout.buffer;

import dev.tandem.rollout.Trajectory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The latest trajectories, first in, first out (HarnessX, section 5). The log-probabilities that
 * each trajectory carries are those of the checkpoint that generated it, taken when it was sampled
 * and never recomputed, so a trajectory may be trained on by later checkpoints. With capacity C and
 * s trajectories a round, none is older than floor(C / s) rounds.
 */
public final class ReplayBuffer {
  private final int capacity;
  private final Deque<Trajectory> trajectories = new ArrayDeque<>();

  public ReplayBuffer(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("replay capacity must be at least 1, was " + capacity);
    }
    this.capacity = capacity;
  }

  /** Adds a round's trajectories in order; the oldest make room. */
  public void insert(Collection<Trajectory> round) {
    for (Trajectory trajectory : round) {
      if (trajectories.size() == capacity) {
        trajectories.removeFirst();
      }
      trajectories.addLast(trajectory);
    }
  }

  /** Everything held, oldest first. */
  public List<Trajectory> contents() {
    return List.copyOf(trajectories);
  }

  /** Trajectories by task, whatever harness and checkpoint produced them (HarnessX, Eq. 2). */
  public Map<String, List<Trajectory>> groups() {
    Map<String, List<Trajectory>> groups = new LinkedHashMap<>();
    for (Trajectory trajectory : trajectories) {
      groups.computeIfAbsent(trajectory.task().key(), key -> new ArrayList<>()).add(trajectory);
    }
    return groups;
  }

  public int capacity() {
    return capacity;
  }
}
