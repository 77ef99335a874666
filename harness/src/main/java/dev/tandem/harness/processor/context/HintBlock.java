package dev.tandem.harness.processor.context;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Set;

/** Shows the model hints or worked examples before it begins. */
public final class HintBlock implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "hint_block",
              "Adds hints or worked examples to the system prompt.",
              "hint_block",
              Dimension.CONTEXT_ASSEMBLY,
              Set.of(Hook.TASK_START),
              ProcessorType.NORMAL,
              List.of("system_prompt", "environment_context"),
              Set.of(FailureCategory.UNPARSEABLE_RESPONSE, FailureCategory.LOST_PROGRESS),
              List.of(
                  new Parameter.Text("title", "hints :"),
                  new Parameter.Texts("hints", List.of()),
                  new Parameter.Count("limit", 5, 1, 20)),
              HintBlock::new)
          .requiring(Requirement.AUTHOR);

  private final String title;
  private final List<String> hints;

  private HintBlock(ProcessorType.Arguments arguments) {
    title = arguments.text("title");
    List<String> all = arguments.texts("hints");
    hints = all.subList(0, Math.min(arguments.count("limit"), all.size()));
  }

  @Override
  public Outcome on(Event event) {
    return event instanceof Event.TaskStart start && !hints.isEmpty()
        ? Notes.appendToSystemPrompt(start, Notes.join(title, String.join(" ", hints)))
        : Outcome.PASS;
  }
}
