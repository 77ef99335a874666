package dev.tandem.harness.processor.control;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.NamePattern;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Set;

/** Lets what cannot be undone happen only when the model asks for it twice in a row, or never. */
public final class ConfirmationGate implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "confirmation_gate",
              "Carries an irreversible call out only when it is repeated to confirm it, or never.",
              "confirmation_gate",
              Dimension.CONTROL_AND_SAFETY,
              Set.of(Hook.BEFORE_TOOL),
              // After everything that may change the call: what is confirmed is what happens.
              ProcessorType.POST,
              List.of(),
              Set.of(FailureCategory.IRREVERSIBLE_ACTION),
              List.of(
                  new Parameter.Texts(
                      "calls", List.of("delete*", "remove*", "drop*", "send*", "pay*", "submit*")),
                  new Parameter.Choice("policy", "confirm", List.of("confirm", "deny"))),
              ConfirmationGate::new)
          .requiring(Requirement.OPEN_VOCABULARY);

  private final List<String> calls;
  private final boolean deny;

  /** What was asked for last and not carried out. */
  private String pending = "";

  private ConfirmationGate(ProcessorType.Arguments arguments) {
    calls = arguments.texts("calls");
    deny = arguments.text("policy").equals("deny");
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.ToolCall call)) {
      return Outcome.PASS;
    }
    String name = call.tool().equals(ToolUse.COMMAND) ? call.input() : call.tool();
    String asked = call.tool() + " " + call.input();
    boolean confirmed = asked.equals(pending);
    pending = "";
    if (!NamePattern.anyMatches(calls, name)) {
      return Outcome.PASS;
    } else if (deny) {
      return new Outcome.Intercept("that cannot be undone and is not allowed .");
    } else if (confirmed) {
      return Outcome.PASS;
    }
    pending = asked;
    return new Outcome.Intercept("that cannot be undone . say it once more to do it .");
  }
}
