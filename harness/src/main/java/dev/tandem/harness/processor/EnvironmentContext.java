package dev.tandem.harness.processor;

import dev.tandem.harness.Dimension;
import dev.tandem.harness.Event;
import dev.tandem.harness.FailureCategory;
import dev.tandem.harness.Hook;
import dev.tandem.harness.Observation;
import dev.tandem.harness.Outcome;
import dev.tandem.harness.Parameter;
import dev.tandem.harness.Processor;
import dev.tandem.harness.ProcessorType;
import dev.tandem.harness.Requirement;
import java.util.List;
import java.util.Set;

/** Tells the model in its system prompt where it is put. */
final class EnvironmentContext implements Processor {
  static final ProcessorType TYPE =
      new ProcessorType(
              "environment_context",
              "Adds what the environment shows at first to the system prompt, by a template of"
                  + " {goal}, {places}, {holding} and {commands}.",
              "environment_context",
              Dimension.CONTEXT_ASSEMBLY,
              Set.of(Hook.TASK_START),
              ProcessorType.NORMAL,
              List.of("system_prompt"),
              Set.of(FailureCategory.INADMISSIBLE_ACTION, FailureCategory.REDUNDANT_SEARCH),
              List.of(new Parameter.Text("template", "places : {places} .")),
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
    return template
        .replace("{goal}", observation.goal())
        .replace("{places}", String.join(" , ", observation.places()))
        .replace("{holding}", String.join(" , ", observation.holding()))
        .replace("{commands}", String.join(" | ", observation.admissible()));
  }
}
