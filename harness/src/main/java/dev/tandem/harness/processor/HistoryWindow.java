package dev.tandem.harness.processor;

import dev.tandem.harness.Dimension;
import dev.tandem.harness.Event;
import dev.tandem.harness.FailureCategory;
import dev.tandem.harness.Hook;
import dev.tandem.harness.Message;
import dev.tandem.harness.Outcome;
import dev.tandem.harness.Parameter;
import dev.tandem.harness.Processor;
import dev.tandem.harness.ProcessorType;
import java.util.List;
import java.util.Set;

/** Keeps the conversation short: only the last exchanges stay in the history. */
final class HistoryWindow implements Processor {
  static final ProcessorType TYPE =
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
