package dev.tandem.rollout;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.Expert;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** House whose environments break at the first action of some tasks, always or once only. */
public final class FragileHouse implements EnvironmentFamily {
  private final HouseFamily house = new HouseFamily();
  private final Set<String> broken;
  private final boolean mends;

  public FragileHouse(Set<String> brokenTasks, boolean mends) {
    this.broken = new HashSet<>(brokenTasks);
    this.mends = mends;
  }

  /** House where the first so many train tasks break at every attempt. */
  public static FragileHouse breakingFirst(int tasks) {
    return new FragileHouse(keys(tasks), false);
  }

  /** House where the first so many train tasks break at the first attempt only. */
  public static FragileHouse mendingFirst(int tasks) {
    return new FragileHouse(keys(tasks), true);
  }

  private static Set<String> keys(int tasks) {
    Set<String> keys = new HashSet<>();
    new HouseFamily().tasks(Split.TRAIN, tasks).forEach(task -> keys.add(task.key()));
    return keys;
  }

  @Override
  public synchronized Environment open(TaskSpec task) {
    Environment sound = house.open(task);
    boolean breaks = mends ? broken.remove(task.key()) : broken.contains(task.key());
    return breaks ? new Breaking(sound) : sound;
  }

  @Override
  public String name() {
    return house.name();
  }

  @Override
  public List<TaskSpec> tasks(Split split, int count) {
    return house.tasks(split, count);
  }

  @Override
  public Expert expert(TaskSpec task) {
    return house.expert(task);
  }

  @Override
  public List<String> vocabulary() {
    return house.vocabulary();
  }

  private record Breaking(Environment sound) implements Environment {
    @Override
    public Observation act(String command) {
      throw new WorldException("the roof came down", new IllegalStateException());
    }

    @Override
    public Observation reset() {
      return sound.reset();
    }

    @Override
    public boolean isFinished() {
      return sound.isFinished();
    }

    @Override
    public String stateHash() {
      return sound.stateHash();
    }

    @Override
    public Verdict verify(Episode episode) {
      return sound.verify(episode);
    }

    @Override
    public Snapshot snapshot() {
      return sound.snapshot();
    }

    @Override
    public void restore(Snapshot snapshot) {
      sound.restore(snapshot);
    }
  }
}
