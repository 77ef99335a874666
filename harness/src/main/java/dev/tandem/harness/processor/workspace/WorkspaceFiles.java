package dev.tandem.harness.processor.workspace;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.Slots;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Gives an episode the workspace that the slots ask for, and takes it away in the end. */
public final class WorkspaceFiles implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "workspace",
              "Opens the workspace of the slots for the episode and lists its files in the system"
                  + " prompt.",
              "workspace",
              Dimension.EXECUTION_ENVIRONMENT,
              Set.of(Hook.TASK_START),
              ProcessorType.NORMAL,
              List.of("system_prompt", "environment_context"),
              Set.of(FailureCategory.TOOL_MISUSE),
              List.of(new Parameter.Count("listed", 20, 0, 1000)),
              WorkspaceFiles::new)
          .requiring(Requirement.SERVICE, Requirement.TOOLS);

  private final Slots slots;
  private final int listed;
  private Optional<Workspace> workspace = Optional.empty();

  private WorkspaceFiles(ProcessorType.Arguments arguments) {
    slots = arguments.services().require(Slots.class);
    if (slots.workspace() == Slots.WorkspaceMode.NONE) {
      throw new HarnessException(
          "the processor 'workspace' needs a workspace and the slot 'workspace' is none: set it to"
              + " scratch, copy or shared");
    }
    listed = arguments.count("listed");
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.TaskStart start)) {
      return Outcome.PASS;
    }
    // The chain runs again after a swap.
    Workspace open = workspace.orElseGet(() -> Workspace.open(slots));
    workspace = Optional.of(open);
    List<String> files = open.files();
    return files.isEmpty() || listed == 0
        ? Outcome.PASS
        : Notes.appendToSystemPrompt(
            start, Notes.list("files", files.subList(0, Math.min(listed, files.size()))));
  }

  @Override
  public void close() {
    workspace.ifPresent(Workspace::close);
  }
}
