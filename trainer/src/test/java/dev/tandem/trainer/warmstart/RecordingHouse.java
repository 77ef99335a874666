package dev.tandem.trainer.warmstart;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.Expert;
import dev.tandem.rollout.spi.TaskCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** House that remembers what its experts said, what was carried out and what was solved. */
final class RecordingHouse implements EnvironmentFamily {
  private final HouseFamily house = new HouseFamily();
  final List<String> said = new ArrayList<>();
  final List<String> carriedOut = new ArrayList<>();
  final List<Environment> opened = new ArrayList<>();

  @Override
  public String id() {
    return house.id();
  }

  @Override
  public Capabilities capabilities() {
    return house.capabilities();
  }

  @Override
  public TaskCatalogue tasks() {
    return house.tasks();
  }

  @Override
  public List<ProcessorType> processors() {
    return house.processors();
  }

  @Override
  public List<String> vocabulary() {
    return house.vocabulary();
  }

  @Override
  public Environment open(TaskSpec task, EpisodeContext context) {
    Environment environment = new Recorded(house.open(task, context), carriedOut);
    opened.add(environment);
    return environment;
  }

  @Override
  public Optional<Expert> expert(TaskSpec task) {
    return house.expert(task).map(this::recorded);
  }

  private Expert recorded(Expert expert) {
    return new Expert() {
      @Override
      public void observe(Observation observation) {
        expert.observe(observation);
      }

      @Override
      public Move act() {
        Move move = expert.act();
        said.add(move.text());
        return move;
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
    public Optional<String> stateHash() {
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
