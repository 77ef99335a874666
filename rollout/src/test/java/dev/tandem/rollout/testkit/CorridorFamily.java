package dev.tandem.rollout.testkit;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.value.Arguments;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectories;
import dev.tandem.rollout.spi.Capabilities;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.Expert;
import dev.tandem.rollout.spi.FailureTaxonomy;
import dev.tandem.rollout.spi.TaskCatalogue;
import dev.tandem.rollout.spi.Wording;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Corridors of several lengths, with one fault. */
record CorridorFamily(Fault fault) implements EnvironmentFamily {
  private static final int TASKS_A_SPLIT = 8;
  private static final String SCHEMA =
      """
      {"type": "object", "required": ["position"],
       "properties": {"position": {"type": "integer"}}}
      """;

  @Override
  public String id() {
    return fault == Fault.ID_WITH_CAPITALS ? "Corridor" : "corridor";
  }

  @Override
  public List<Parameter> parameters() {
    String name = fault == Fault.PARAMETER_CALLED_NAME ? "name" : "width";
    return List.of(new Parameter.Count(name, 1, 1, 9));
  }

  @Override
  public EnvironmentFamily configured(Arguments arguments) {
    HarnessException.throwIfAny(
        fault == Fault.DEFAULTS_REFUSED ? List.of("width must be 2") : List.of());
    return this;
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(
        true,
        fault != Fault.SNAPSHOT_UNDECLARED,
        fault != Fault.HASH_UNDECLARED,
        fault != Fault.ADMISSIBLE_UNDECLARED,
        true);
  }

  @Override
  public TaskCatalogue tasks() {
    return new Corridors();
  }

  @Override
  public Environment open(TaskSpec task, EpisodeContext context) {
    return new Corridor(fault, length(task), context);
  }

  private static int length(TaskSpec task) {
    return Integer.parseInt(task.category());
  }

  @Override
  public Optional<String> factsSchema() {
    return switch (fault) {
      case FACTS_UNDECLARED -> Optional.empty();
      case SCHEMA_OF_FACTS_IS_NONE -> Optional.of("{\"type\": \"thing\"}");
      default -> Optional.of(SCHEMA);
    };
  }

  @Override
  public List<String> vocabulary() {
    List<String> numbers = IntStream.range(0, 10_000).mapToObj(String::valueOf).toList();
    return fault == Fault.DRAWS_WITHOUT_A_SEED
        ? List.of()
        : Stream.concat(
                numbers.stream(),
                Arrays.stream(
                    "ring the bell you see corridor , counted nothing happens go on left right"
                        .split(" ", -1)))
            .toList();
  }

  @Override
  public List<Wording> wordings() {
    return List.of(
        new Wording(
            "system_prompt",
            fault == Fault.WORDING_FOR_NO_PARAMETER ? "text" : "template",
            fault == Fault.WORDING_OF_AN_UNKNOWN_WORD
                ? "goal : {goal} . hurry"
                : "goal : {goal} . go on"));
  }

  @Override
  public Optional<Expert> expert(TaskSpec task) {
    return Optional.of(new Walker(fault, length(task)));
  }

  @Override
  public FailureTaxonomy failures() {
    return new Slowness(fault);
  }

  /** Walks to the end and rings. */
  private static final class Walker implements Expert {
    private final Fault fault;
    private final int length;
    private int steps;

    Walker(Fault fault, int length) {
      this.fault = fault;
      this.length = length;
    }

    @Override
    public void observe(Observation observation) {}

    @Override
    public Move act() {
      if (steps == 0 && length > 0) {
        if (fault == Fault.EXPERT_BREAKS_RULES) {
          steps = -1;
          return Move.say("jump");
        }
        if (fault == Fault.EXPERT_MISUSES_A_TOOL) {
          steps = -1;
          return Move.use("count", "{\"steps\": 99}");
        }
      }
      steps = Math.max(steps, 0) + 1;
      return Move.say(steps <= length || fault == Fault.EXPERT_GIVES_UP ? "right" : "ring");
    }
  }

  /** Whoever fails was slow. */
  private record Slowness(Fault fault) implements FailureTaxonomy {
    private static final FailureCategory SLOW = FailureCategory.of("slow");

    @Override
    public List<FailureCategory> categories() {
      return switch (fault) {
        case CATEGORY_LISTED_TWICE -> List.of(SLOW, SLOW);
        case CATEGORY_UNLISTED -> List.of();
        default -> List.of(SLOW);
      };
    }

    @Override
    public Reader over(Trajectories trajectories) {
      return trajectory -> new TreeMap<>(Map.of(SLOW, List.of(0)));
    }
  }

  private final class Corridors implements TaskCatalogue {
    @Override
    public OptionalInt size(Split split) {
      return OptionalInt.of(
          switch (fault) {
            case MORE_TASKS_THAN_SAID -> TASKS_A_SPLIT - 1;
            case FEWER_TASKS_THAN_SAID -> TASKS_A_SPLIT + 1;
            default -> TASKS_A_SPLIT;
          });
    }

    @Override
    public List<TaskSpec> tasks(Split split, int from, int count) {
      if (from + count > TASKS_A_SPLIT && fault != Fault.FEWER_TASKS_THAN_SAID) {
        throw new IllegalArgumentException("there are no more tasks");
      }
      return IntStream.range(from, Math.min(TASKS_A_SPLIT, from + count))
          .mapToObj(index -> task(split, fault == Fault.TASKS_BY_COUNT && count == 1 ? 0 : index))
          .toList();
    }

    private TaskSpec task(Split split, int index) {
      int length = 2 + index % 3;
      String content =
          fault == Fault.ONE_CONTENT_IN_TWO_SPLITS ? "corridor " + index : split + " " + index;
      String hash = ContentHash.sha256(content);
      return new TaskSpec(
          fault == Fault.TASKS_OF_ANOTHER_FAMILY ? "house" : id(),
          fault == Fault.TWO_TASKS_OF_ONE_ID ? "one" : split.id() + "-" + index,
          Integer.toString(length),
          fault == Fault.TASKS_OF_ANOTHER_SPLIT ? Split.TRAIN : split,
          fault == Fault.CONTENT_HASH_CUT_SHORT ? hash.substring(0, 8) : hash,
          fault == Fault.LIMIT_TOO_SHORT ? length : length + 2);
    }
  }
}
