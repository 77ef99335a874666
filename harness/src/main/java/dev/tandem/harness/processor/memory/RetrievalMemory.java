package dev.tandem.harness.processor.memory;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Reminds the model of episodes with a similar goal that went well. */
public final class RetrievalMemory implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "retrieval_memory",
              "Adds what worked in earlier episodes of a similar goal to the system prompt.",
              "retrieval_memory",
              Dimension.MEMORY,
              Set.of(Hook.TASK_START, Hook.AFTER_TOOL, Hook.TASK_END),
              ProcessorType.NORMAL,
              List.of("system_prompt", "environment_context", "hint_block"),
              Set.of(FailureCategory.LOST_PROGRESS, FailureCategory.OUT_OF_STEPS),
              List.of(
                  new Parameter.Count("limit", 2, 1, 10),
                  new Parameter.Count("actions", 12, 1, 50)),
              RetrievalMemory::new)
          .requiring(Requirement.MEMORY, Requirement.OPEN_VOCABULARY);

  private final EpisodeMemory memory;
  private final int limit;
  private final int actions;
  private final List<String> deeds = new ArrayList<>();

  private RetrievalMemory(ProcessorType.Arguments arguments) {
    memory = arguments.services().require(EpisodeMemory.class);
    limit = arguments.count("limit");
    actions = arguments.count("actions");
  }

  @Override
  public Outcome on(Event event) {
    switch (event) {
      case Event.TaskStart start -> {
        List<EpisodeMemory.Lesson> lessons = memory.closest(start.observation().goal(), limit);
        if (!lessons.isEmpty()) {
          String text =
              lessons.stream()
                  .map(lesson -> "to " + lesson.goal() + " : " + lesson.text() + " .")
                  .collect(Collectors.joining(" "));
          return Notes.appendToSystemPrompt(start, "this worked before . " + text);
        }
      }
      case Event.ToolResult result when result.executed() && result.observation().effective() ->
          deeds.add(result.call().input());
      // The environment ended it; whether it counts as solved is judged elsewhere, by others.
      case Event.TaskEnd end when end.exitReason() == ExitReason.FINISHED && !deeds.isEmpty() ->
          memory
              .learned()
              .accept(
                  new EpisodeMemory.Lesson(
                      end.observation().goal(),
                      String.join(
                          " , ",
                          deeds.subList(Math.max(0, deeds.size() - actions), deeds.size()))));
      case Event.StepStart _,
          Event.BeforeModel _,
          Event.ModelResponse _,
          Event.ToolCall _,
          Event.ToolResult _,
          Event.StepEnd _,
          Event.TaskEnd _ -> {}
    }
    return Outcome.PASS;
  }
}
