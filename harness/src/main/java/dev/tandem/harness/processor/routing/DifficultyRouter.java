package dev.tandem.harness.processor.routing;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.event.SwapRequest;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Sends harder tasks to another harness version, such as one with more retries or more memory. What
 * counts as hard is read off the first observation, before the model is asked anything.
 */
public final class DifficultyRouter implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "difficulty_router",
              "Goes on under another harness version from the start when the task looks hard: many"
                  + " places, a long goal, or many commands.",
              "difficulty_router",
              Dimension.MODEL_SELECTION,
              Set.of(Hook.TASK_START),
              ProcessorType.PRE,
              List.of(),
              Set.of(FailureCategory.BEYOND_THE_MODEL, FailureCategory.OUT_OF_STEPS),
              List.of(
                  new Parameter.Text("version", ""),
                  new Parameter.Count("places_above", 15, 0, 1000),
                  new Parameter.Count("goal_words_above", 12, 0, 1000),
                  new Parameter.Count("commands_above", 40, 0, 10_000)),
              DifficultyRouter::new)
          .requiring(Requirement.VERSIONS, Requirement.AUTHOR);

  private final String version;
  private final int placesAbove;
  private final int goalWordsAbove;
  private final int commandsAbove;

  /** The chain runs once more after a swap. */
  private boolean asked;

  private DifficultyRouter(ProcessorType.Arguments arguments) {
    version = arguments.text("version");
    placesAbove = arguments.count("places_above");
    goalWordsAbove = arguments.count("goal_words_above");
    commandsAbove = arguments.count("commands_above");
  }

  @Override
  public Outcome on(Event event) {
    if (version.isEmpty() || asked || !(event instanceof Event.TaskStart start)) {
      return Outcome.PASS;
    }
    asked = true;
    return whyHard(start.observation())
        .map(
            why ->
                Outcome.passAndSwap(new SwapRequest(new SwapRequest.Target.Version(version), why)))
        .orElse(Outcome.PASS);
  }

  private Optional<String> whyHard(Observation task) {
    int words = task.goal().split(" ", -1).length;
    if (task.places().size() > placesAbove) {
      return Optional.of("the task has %d places".formatted(task.places().size()));
    } else if (words > goalWordsAbove) {
      return Optional.of("the goal has %d words".formatted(words));
    } else if (task.admissible().size() > commandsAbove) {
      return Optional.of("there are %d commands".formatted(task.admissible().size()));
    }
    return Optional.empty();
  }
}
