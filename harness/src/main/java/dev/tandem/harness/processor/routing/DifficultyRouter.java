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
                  new Parameter.Count("words_above", 200, 0, 1000),
                  new Parameter.Count("goal_words_above", 12, 0, 1000),
                  new Parameter.Count("commands_above", 40, 0, 10_000)),
              DifficultyRouter::new)
          .requiring(Requirement.VERSIONS, Requirement.AUTHOR);

  private final String version;
  private final int wordsAbove;
  private final int goalWordsAbove;
  private final int commandsAbove;

  /** The chain runs once more after a swap. */
  private boolean asked;

  private DifficultyRouter(ProcessorType.Arguments arguments) {
    version = arguments.text("version");
    wordsAbove = arguments.count("words_above");
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
    if (words(task.text()) > wordsAbove) {
      return Optional.of("the first text has %d words".formatted(words(task.text())));
    } else if (words(task.goal()) > goalWordsAbove) {
      return Optional.of("the goal has %d words".formatted(words(task.goal())));
    } else if (task.commands().size() > commandsAbove) {
      return Optional.of("there are %d commands".formatted(task.commands().size()));
    }
    return Optional.empty();
  }

  private static int words(String text) {
    return text.split(" ", -1).length;
  }
}
