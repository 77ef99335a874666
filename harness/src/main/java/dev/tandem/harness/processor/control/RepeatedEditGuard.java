package dev.tandem.harness.processor.control;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.ToolInput;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.NamePattern;
import dev.tandem.harness.value.Parameter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Notices when one thing, such as a file, is changed over and over without anything else being
 * looked at in between.
 */
public final class RepeatedEditGuard implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "repeated_edit_guard",
              "Blocks a further edit of the same target after several in a row, until another tool"
                  + " was used.",
              "repeated_edit_guard",
              Dimension.CONTROL_AND_SAFETY,
              Set.of(Hook.BEFORE_TOOL),
              ProcessorType.NORMAL,
              List.of("argument_correction"),
              Set.of(FailureCategory.REPEATED_ACTION, FailureCategory.NO_PROGRESS),
              List.of(
                  new Parameter.Texts("tools", List.of("write*", "edit*", "patch*", "replace*")),
                  new Parameter.Text("target", "path"),
                  new Parameter.Count("edits", 3, 1, 50)),
              RepeatedEditGuard::new)
          .requiring(Requirement.TOOLS);

  private final List<String> tools;
  private final String target;
  private final int edits;
  private final Map<String, Integer> editsOfTarget = new HashMap<>();

  private RepeatedEditGuard(ProcessorType.Arguments arguments) {
    tools = arguments.texts("tools");
    target = arguments.text("target");
    edits = arguments.count("edits");
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.ToolCall call)) {
      return Outcome.PASS;
    }
    if (!NamePattern.anyMatches(tools, call.tool())) {
      editsOfTarget.clear();
      return Outcome.PASS;
    }
    Optional<String> edited = ToolInput.text(call.input(), target);
    if (edited.isEmpty() || editsOfTarget.merge(edited.get(), 1, Integer::sum) <= edits) {
      return Outcome.PASS;
    }
    return new Outcome.Intercept(
        "you changed %s %d times in a row . look at what came of it first ."
            .formatted(edited.get(), edits));
  }
}
