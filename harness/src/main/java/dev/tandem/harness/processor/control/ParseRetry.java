package dev.tandem.harness.processor.control;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Groups;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Set;

/** Has the model asked again when its response is no command that would be carried out. */
public final class ParseRetry implements Processor {
  public static final String NOTE = "that is not possible . try other .";

  public static final ProcessorType TYPE =
      new ProcessorType(
          "parse_retry",
          "Has the model asked again when its response is no command that would be carried out.",
          Groups.PARSE_RETRY,
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
    if (isPossible(response) || attemptsInStep >= attempts || response.callsLeft() == 0) {
      return Outcome.PASS;
    }
    attemptsInStep++;
    return new Outcome.Intercept(NOTE);
  }

  /** Uses of tools are checked by their schemas, and nobody knows where no commands are listed. */
  private static boolean isPossible(Event.ModelResponse response) {
    return !response.toolUses().isEmpty()
        || response
            .observation()
            .admissible()
            .map(commands -> commands.contains(response.content().strip()))
            .orElse(true);
  }
}
