package dev.tandem.harness.processor.memory;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.processor.support.Exchanges;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Replaces the older part of a long history by a summary made by rule: one line for each exchange,
 * what the model did and the beginning of what came of it. Training is on what each turn saw, so
 * nothing is lost to it; the episode's segments end where this acts.
 */
public final class Compaction implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "compaction",
              "Replaces older exchanges by a short summary when the history has grown long.",
              "compaction",
              Dimension.MEMORY,
              Set.of(Hook.STEP_START),
              ProcessorType.NORMAL,
              List.of(),
              Set.of(FailureCategory.LOST_PROGRESS, FailureCategory.CONTEXT_EXHAUSTED),
              List.of(
                  new Parameter.Count("above", 12, 2, 200),
                  new Parameter.Count("keep", 4, 1, 50),
                  new Parameter.Count("lines", 20, 1, 200),
                  new Parameter.Count("words", 12, 1, 100)),
              Compaction::new)
          .requiring(Requirement.OPEN_VOCABULARY);

  private static final String TITLE = "earlier :";

  private final int above;
  private final int keep;
  private final int lines;
  private final int words;

  /** The summary so far, one line for each exchange that is gone. */
  private final List<String> summary = new ArrayList<>();

  private Compaction(ProcessorType.Arguments arguments) {
    above = arguments.count("above");
    keep = arguments.count("keep");
    lines = arguments.count("lines");
    words = arguments.count("words");
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.StepStart start)
        || Exchanges.starts(start.history()).size() <= Math.max(above, keep)) {
      return Outcome.PASS;
    }
    List<Message> history = start.history();
    int cut = Exchanges.firstKept(history, keep);
    summarise(history, cut);
    List<Message> shorter = new ArrayList<>();
    shorter.add(Message.user(TITLE + "\n" + String.join("\n", summary)));
    shorter.addAll(history.subList(cut, history.size()));
    return new Outcome.Transform(new Event.StepStart(start.step(), start.observation(), shorter));
  }

  /** Adds a line for each thing done before the cut; the oldest lines go. */
  private void summarise(List<Message> history, int cut) {
    for (int i = 0; i < cut; i++) {
      Message message = history.get(i);
      if (message.role() == Message.Role.ASSISTANT) {
        String outcome = i + 1 < history.size() ? history.get(i + 1).content() : "";
        summary.add(Notes.join(done(message), outcome.isEmpty() ? "" : "-> " + start(outcome)));
      }
    }
    while (summary.size() > lines) {
      summary.removeFirst();
    }
  }

  private String done(Message message) {
    return message.toolUses().isEmpty()
        ? start(message.content())
        : message.toolUses().stream()
            .map(use -> start(use.tool() + " " + use.input()))
            .collect(Collectors.joining(" ; "));
  }

  private String start(String text) {
    List<String> all = List.of(text.strip().split("\\s+", -1));
    String shown = String.join(" ", all.subList(0, Math.min(words, all.size())));
    return all.size() > words ? shown + " ..." : shown;
  }
}
