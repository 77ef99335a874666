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
 * s trajectories a round, none is older than floor(C / s) rounds; a round of which episodes failed
 * brings fewer, so the rounds that are held are counted as well.
 */
public final class ReplayBuffer {
  private final int capacity;
  private final int rounds;
  private final Deque<Trajectory> trajectories = new ArrayDeque<>();

  /** How many of each round held are held, oldest first. */
  private final Deque<Integer> heldByRound = new ArrayDeque<>();

  /** Bounded by its capacity alone. */
  public ReplayBuffer(int capacity) {
    this(capacity, Integer.MAX_VALUE);
  }

  /**
   * @param capacity most trajectories held
   * @param rounds most rounds held, the one that is inserted last included
   */
  public ReplayBuffer(int capacity, int rounds) {
    if (capacity < 1) {
      throw new IllegalArgumentException("replay capacity must be at least 1, was " + capacity);
    }
    if (rounds < 1) {
      throw new IllegalArgumentException("replay rounds must be at least 1, were " + rounds);
    }
    this.capacity = capacity;
    this.rounds = rounds;
  }

  /** Adds a round's trajectories in order; the oldest make room. */
  public void insert(Collection<Trajectory> round) {
    if (heldByRound.size() == rounds) {
      drop(heldByRound.removeFirst());
    }
    trajectories.addAll(round);
    heldByRound.addLast(round.size());
    while (trajectories.size() > capacity) {
      int oldest = heldByRound.removeFirst();
      int tooMany = Math.min(oldest, trajectories.size() - capacity);
      drop(tooMany);
      if (tooMany < oldest) {
        heldByRound.addFirst(oldest - tooMany);
      }
    }
  }

  private void drop(int count) {
    for (int i = 0; i < count; i++) {
      trajectories.removeFirst();
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
