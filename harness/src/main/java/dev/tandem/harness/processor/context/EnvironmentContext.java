package dev.tandem.harness.processor.context;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
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

/** Tells the model in its system prompt where it is put. */
public final class EnvironmentContext implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "environment_context",
              "Adds what the environment shows at first to the system prompt, by a template of"
                  + " {goal}, {text}, {commands} and the names of facts in braces.",
              "environment_context",
              Dimension.CONTEXT_ASSEMBLY,
              Set.of(Hook.TASK_START),
              ProcessorType.NORMAL,
              List.of("system_prompt"),
              Set.of(FailureCategory.INADMISSIBLE_ACTION),
              List.of(new Parameter.Text("template", "commands : {commands} .")),
              arguments -> new EnvironmentContext(arguments.text("template")))
          .requiring(Requirement.OPEN_VOCABULARY);

  private final String template;

  private EnvironmentContext(String template) {
    this.template = template;
  }

  @Override
  public Outcome on(Event event) {
    return event instanceof Event.TaskStart start
        ? Notes.appendToSystemPrompt(start, filled(start.observation()))
        : Outcome.PASS;
  }

  private String filled(Observation observation) {
    String filled =
        template
            .replace("{goal}", observation.goal())
            .replace("{text}", observation.text())
            .replace("{commands}", String.join(" | ", observation.commands()));
    for (String key : observation.facts().tree().keySet()) {
      List<String> texts = observation.facts().texts(key);
      filled =
          filled.replace(
              "{" + key + "}",
              texts.isEmpty()
                  ? observation.facts().text(key).orElse("")
                  : String.join(" , ", texts));
    }
    return filled;
  }
}
