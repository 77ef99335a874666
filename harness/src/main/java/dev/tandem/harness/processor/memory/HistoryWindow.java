package dev.tandem.harness.processor.memory;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.processor.support.Exchanges;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Set;

/** Keeps the conversation short: only the last exchanges stay in the history. */
public final class HistoryWindow implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
          "history_window",
          "Keeps the last exchanges of user and assistant in the history and drops the others.",
          "history_window",
          Dimension.MEMORY,
          Set.of(Hook.STEP_START),
          ProcessorType.NORMAL,
          List.of(),
          Set.of(FailureCategory.REPEATED_ACTION, FailureCategory.LOST_PROGRESS),
          List.of(new Parameter.Count("turns", 4, 0, 50)),
          arguments -> new HistoryWindow(arguments.count("turns")));

  private final int turns;

  private HistoryWindow(int turns) {
    this.turns = turns;
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.StepStart start)) {
      return Outcome.PASS;
    }
    List<Message> history = start.history();
    int first = Exchanges.firstKept(history, turns);
    return first == 0
        ? Outcome.PASS
        : new Outcome.Transform(
            new Event.StepStart(
                start.step(), start.observation(), history.subList(first, history.size())));
  }
}
