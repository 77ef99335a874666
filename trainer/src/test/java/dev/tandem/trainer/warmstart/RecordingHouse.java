package dev.tandem.trainer.warmstart;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.Expert;
import java.util.ArrayList;
import java.util.List;

/** House that remembers what its experts said, what was carried out and what was solved. */
final class RecordingHouse implements EnvironmentFamily {
  private final HouseFamily house = new HouseFamily();
  final List<String> said = new ArrayList<>();
  final List<String> carriedOut = new ArrayList<>();
  final List<Environment> opened = new ArrayList<>();

  @Override
  public String name() {
    return house.name();
  }

  @Override
  public List<TaskSpec> tasks(Split split, int count) {
    return house.tasks(split, count);
  }

  @Override
  public List<String> vocabulary() {
    return house.vocabulary();
  }

  @Override
  public Environment open(TaskSpec task) {
    Environment environment = new Recorded(house.open(task), carriedOut);
    opened.add(environment);
    return environment;
  }

  @Override
  public Expert expert(TaskSpec task) {
    Expert expert = house.expert(task);
    return new Expert() {
      @Override
      public void observe(Observation observation) {
        expert.observe(observation);
      }

      @Override
      public String act() {
        String command = expert.act();
        said.add(command);
        return command;
      }
    };
  }

  private record Recorded(Environment house, List<String> carriedOut) implements Environment {
    @Override
    public Observation act(String command) {
      carriedOut.add(command);
      return house.act(command);
    }

    @Override
    public Observation reset() {
      return house.reset();
    }

    @Override
    public boolean isFinished() {
      return house.isFinished();
    }

    @Override
    public String stateHash() {
      return house.stateHash();
    }

    @Override
    public Verdict verify(Episode episode) {
      return house.verify(episode);
    }

    @Override
    public Snapshot snapshot() {
      return house.snapshot();
    }

    @Override
    public void restore(Snapshot snapshot) {
      house.restore(snapshot);
    }
  }
}
