package dev.tandem.harness.processor;

import dev.tandem.harness.Dimension;
import dev.tandem.harness.Event;
import dev.tandem.harness.FailureCategory;
import dev.tandem.harness.Hook;
import dev.tandem.harness.Outcome;
import dev.tandem.harness.Parameter;
import dev.tandem.harness.Processor;
import dev.tandem.harness.ProcessorType;
import dev.tandem.harness.Requirement;
import java.util.List;
import java.util.Set;

/** Keeps long results of tools short: their beginning and their end. */
final class ResultTruncation implements Processor {
  static final ProcessorType TYPE =
      new ProcessorType(
              "result_truncation",
              "Leaves the middle out of a result that is longer than the limit.",
              "result_truncation",
              Dimension.TOOLS,
              Set.of(Hook.AFTER_TOOL),
              ProcessorType.POST,
              List.of(),
              Set.of(FailureCategory.CONTEXT_EXHAUSTED),
              List.of(
                  new Parameter.Count("characters", 4000, 50, 1_000_000),
                  new Parameter.Count("end_percent", 25, 0, 100)),
              ResultTruncation::new)
          .requiring(Requirement.TOOLS);

  private final int characters;
  private final int end;

  private ResultTruncation(ProcessorType.Arguments arguments) {
    characters = arguments.count("characters");
    end = Math.toIntExact((long) characters * arguments.count("end_percent") / 100);
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.ToolResult result) || result.text().length() <= characters) {
      return Outcome.PASS;
    }
    String text = result.text();
    String shorter =
        text.substring(0, characters - end)
            + "\n... %d characters left out ...\n".formatted(text.length() - characters)
            + text.substring(text.length() - end);
    return new Outcome.Transform(result.withText(shorter));
  }
}
