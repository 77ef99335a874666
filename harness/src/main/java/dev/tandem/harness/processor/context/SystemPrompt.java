package dev.tandem.harness.processor.context;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Set;

/** Tells the model its goal. */
public final class SystemPrompt implements Processor {
  static final String DEFAULT_TEMPLATE = "goal : {goal} .";

  public static final ProcessorType TYPE =
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
