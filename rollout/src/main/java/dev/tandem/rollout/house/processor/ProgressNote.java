package dev.tandem.rollout.house.processor;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Groups;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/** Remembers which of the actions that matter were carried out with effect. */
public final class ProgressNote implements Processor {
  static final String DEFAULT_VERBS = "take put clean heat cool use";

  public static final ProcessorType TYPE =
      new ProcessorType(
          "progress_note",
          "Notes which of the actions that matter are done.",
          HouseGroups.PROGRESS,
          Dimension.MEMORY,
          Set.of(Hook.BEFORE_MODEL, Hook.AFTER_TOOL),
          ProcessorType.NORMAL,
          List.of(Groups.RENDERER, HouseGroups.SIGHTINGS),
          Set.of(FailureCategory.LOST_PROGRESS),
          List.of(
              new Parameter.Text("verbs", DEFAULT_VERBS), new Parameter.Count("limit", 4, 1, 8)),
          ProgressNote::new);

  /** How much of a command is shown: verb, kind and number. */
  private static final int WORDS_SHOWN = 3;

  private final List<String> verbs;
  private final int limit;
  private final Deque<String> done = new ArrayDeque<>();

  private ProgressNote(ProcessorType.Arguments arguments) {
    verbs = Arrays.asList(arguments.text("verbs").split(" ", -1));
    limit = arguments.count("limit");
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.ToolResult result) {
      if (result.executed() && result.observation().effective()) {
        remember(result.call().input());
      }
    } else if (event instanceof Event.BeforeModel before) {
      return Notes.append(before, Notes.list("done", done));
    }
    return Outcome.PASS;
  }

  private void remember(String command) {
    List<String> words = Arrays.asList(command.split(" ", -1));
    if (verbs.contains(words.getFirst())) {
      done.addLast(String.join(" ", words.subList(0, Math.min(WORDS_SHOWN, words.size()))));
      if (done.size() > limit) {
        done.removeFirst();
      }
    }
  }
}
