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
