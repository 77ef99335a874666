package dev.tandem.harness.processor;

import dev.tandem.harness.Dimension;
import dev.tandem.harness.Event;
import dev.tandem.harness.FailureCategory;
import dev.tandem.harness.Hook;
import dev.tandem.harness.Outcome;
import dev.tandem.harness.Parameter;
import dev.tandem.harness.Processor;
import dev.tandem.harness.ProcessorType;
import java.util.List;
import java.util.Set;

/** Tells the model its goal. */
final class SystemPrompt implements Processor {
  static final String DEFAULT_TEMPLATE = "goal : {goal} .";

  static final ProcessorType TYPE =
      new ProcessorType(
          "system_prompt",
          "Replaces the system prompt by a template, with the task's goal for {goal}.",
          "system_prompt",
          Dimension.CONTEXT_ASSEMBLY,
          Set.of(Hook.TASK_START),
          ProcessorType.NORMAL,
          List.of(),
          Set.of(FailureCategory.LOST_PROGRESS),
          List.of(new Parameter.Text("template", DEFAULT_TEMPLATE)),
          arguments -> new SystemPrompt(arguments.text("template")));

  private final String template;

  private SystemPrompt(String template) {
    this.template = template;
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.TaskStart start) {
      String prompt = template.replace("{goal}", start.observation().goal());
      return new Outcome.Transform(new Event.TaskStart(start.observation(), prompt));
    }
    return Outcome.PASS;
  }
}
