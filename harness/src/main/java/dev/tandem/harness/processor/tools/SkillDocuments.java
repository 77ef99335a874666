package dev.tandem.harness.processor.tools;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
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
import java.util.stream.Collectors;

/** Tells the model which documents there are and shows it those that it asks for. */
public final class SkillDocuments implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "skill_documents",
              "Lists the titles of skill documents in the system prompt; the command 'skill' and a"
                  + " name shows one, for a step and without an action.",
              "skill_documents",
              Dimension.TOOLS,
              Set.of(Hook.TASK_START, Hook.BEFORE_TOOL),
              ProcessorType.NORMAL,
              List.of("system_prompt", "environment_context", "hint_block", "retrieval_memory"),
              Set.of(FailureCategory.TOOL_MISUSE, FailureCategory.BEYOND_THE_MODEL),
              List.of(new Parameter.Count("length", 4000, 100, 100_000)),
              SkillDocuments::new)
          .requiring(Requirement.SERVICE, Requirement.OPEN_VOCABULARY);

  private static final String COMMAND = "skill ";

  private final SkillLibrary library;
  private final int length;

  private SkillDocuments(ProcessorType.Arguments arguments) {
    library = arguments.services().require(SkillLibrary.class);
    length = arguments.count("length");
  }

  @Override
  public Outcome on(Event event) {
    if (event instanceof Event.TaskStart start) {
      String titles =
          library.skills().stream()
              .map(skill -> skill.name() + " - " + skill.title())
              .collect(Collectors.joining(" ; "));
      return titles.isEmpty()
          ? Outcome.PASS
          : Notes.appendToSystemPrompt(
              start, "say skill and a name to read one of these : " + titles + " .");
    }
    if (event instanceof Event.ToolCall call && call.input().startsWith(COMMAND)) {
      String name = call.input().substring(COMMAND.length()).strip();
      return new Outcome.Intercept(
          library.find(name).map(this::shown).orElse("there is no skill " + name + " ."));
    }
    return Outcome.PASS;
  }

  private String shown(SkillLibrary.Skill skill) {
    String text = skill.text();
    return text.length() <= length ? text : text.substring(0, length) + " ...";
  }
}
