package scratch;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.value.*;
import dev.tandem.rollout.*;
import dev.tandem.rollout.spi.*;
import java.util.*;
import java.util.stream.*;

/** A corridor with a door at its right end. */
public final class CorridorFamily implements EnvironmentFamily {
  private final int length;
  private final TaskCatalogue tasks;

  public CorridorFamily() {
    this(4);
  }

  private CorridorFamily(int length) {
    this.length = length;
    tasks =
        new DeclaredTasks(
            Arrays.stream(Split.values())
                .flatMap(split -> IntStream.range(0, 12).mapToObj(i -> task(split, i, length)))
                .toList());
  }

  private static TaskSpec task(Split split, int i, int length) {
    return new TaskSpec(
        "corridor",
        split.id() + i,
        i % 2 == 0 ? "even" : "odd",
        split,
        ContentHash.sha256("corridor %d %s %d".formatted(length, split, i)),
        2 * length);
  }

  @Override
  public String id() {
    return "corridor";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter.Count("length", 4, 2, 9));
  }

  @Override
  public EnvironmentFamily configured(Arguments given) {
    return new CorridorFamily(given.count("length"));
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(true, false, false, true, true);
  }

  @Override
  public TaskCatalogue tasks() {
    return tasks;
  }

  @Override
  public Environment open(TaskSpec task, EpisodeContext context) {
    return new Corridor();
  }

  @Override
  public List<String> vocabulary() {
    return List.of("find the door you are in a corridor . step left right".split(" "));
  }

  @Override
  public Optional<Expert> expert(TaskSpec task) {
    return Optional.of(
        new Expert() {
          @Override
          public void observe(Observation observation) {}

          @Override
          public Move act() {
            return Move.say("step right");
          }
        });
  }

  private final class Corridor implements Environment {
    private int at;

    @Override
    public Observation reset() {
      return shown(true);
    }

    @Override
    public boolean isFinished() {
      return at == length;
    }

    @Override
    public Observation act(String command) {
      int before = at;
      at =
          Math.max(
              0, at + (command.equals("step right") ? 1 : command.equals("step left") ? -1 : 0));
      return shown(at != before);
    }

    @Override
    public Verdict verify(Episode episode) {
      double reward = isFinished() ? 1 : 0;
      return new Verdict(isFinished(), reward, reward, new TreeMap<>(), List.of());
    }

    private Observation shown(boolean effective) {
      return new Observation(
          "find the door",
          "you are in a corridor .",
          dev.tandem.harness.event.Facts.NONE,
          effective,
          Optional.of(List.of("step left", "step right")));
    }
  }
}
