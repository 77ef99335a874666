package dev.tandem.harness.processor.tools;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Set;

/** Keeps long results of tools short: their beginning and their end. */
public final class ResultTruncation implements Processor {
  public static final ProcessorType TYPE =
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
