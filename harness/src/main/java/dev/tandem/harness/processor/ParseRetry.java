package dev.tandem.harness.processor;

import dev.tandem.harness.Dimension;
import dev.tandem.harness.Event;
import dev.tandem.harness.FailureCategory;
import dev.tandem.harness.Hook;
import dev.tandem.harness.Outcome;
import dev.tandem.harness.Parameter;
import dev.tandem.harness.Processor;
import dev.tandem.harness.ProcessorType;
import java.util.List;
import java.util.Set;

/** Has the model asked again when its response is no command that would be carried out. */
final class ParseRetry implements Processor {
  static final String NOTE = "that is not possible . try other .";

  static final ProcessorType TYPE =
      new ProcessorType(
          "parse_retry",
          "Has the model asked again when its response is no command that would be carried out.",
          BuiltInProcessors.PARSE_RETRY,
          Dimension.CONTROL_AND_SAFETY,
          Set.of(Hook.AFTER_MODEL),
          ProcessorType.NORMAL,
          List.of(),
          Set.of(FailureCategory.UNPARSEABLE_RESPONSE, FailureCategory.INADMISSIBLE_ACTION),
          List.of(new Parameter.Count("attempts", 2, 1, 4)),
          arguments -> new ParseRetry(arguments.count("attempts")));

  private final int attempts;
  private int step = -1;
  private int attemptsInStep;

  private ParseRetry(int attempts) {
    this.attempts = attempts;
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.ModelResponse response)) {
      return Outcome.PASS;
    }
    if (response.step() != step) {
      step = response.step();
      attemptsInStep = 0;
    }
    boolean possible = response.observation().admissible().contains(response.content().strip());
    if (possible || attemptsInStep >= attempts) {
      return Outcome.PASS;
    }
    attemptsInStep++;
    return new Outcome.Intercept(NOTE);
  }
}
