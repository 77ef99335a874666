package dev.tandem.harness.processor.tools;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.value.NamePattern;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Set;

/** Keeps tools out of the model's sight, and so out of its reach. */
public final class ToolFilter implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "tool_filter",
              "Offers the model only some of the tools: those allowed and not denied, by name or by"
                  + " beginning and *.",
              "tool_filter",
              Dimension.TOOLS,
              Set.of(Hook.BEFORE_MODEL),
              ProcessorType.PRE,
              List.of(),
              Set.of(FailureCategory.TOOL_MISUSE),
              List.of(
                  new Parameter.Texts("allow", List.of("*")),
                  new Parameter.Texts("deny", List.of())),
              ToolFilter::new)
          .requiring(Requirement.TOOLS, Requirement.AUTHOR);

  private final List<String> allow;
  private final List<String> deny;

  private ToolFilter(ProcessorType.Arguments arguments) {
    allow = arguments.texts("allow");
    deny = arguments.texts("deny");
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.BeforeModel before)) {
      return Outcome.PASS;
    }
    List<ToolSpec> kept =
        before.tools().stream()
            .filter(tool -> NamePattern.anyMatches(allow, tool.name()))
            .filter(tool -> !NamePattern.anyMatches(deny, tool.name()))
            .toList();
    return kept.size() == before.tools().size()
        ? Outcome.PASS
        : new Outcome.Transform(before.withTools(kept));
  }
}
