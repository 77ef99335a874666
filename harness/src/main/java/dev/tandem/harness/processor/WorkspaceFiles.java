package dev.tandem.harness.processor;

import dev.tandem.harness.Dimension;
import dev.tandem.harness.Event;
import dev.tandem.harness.FailureCategory;
import dev.tandem.harness.HarnessException;
import dev.tandem.harness.Hook;
import dev.tandem.harness.Outcome;
import dev.tandem.harness.Parameter;
import dev.tandem.harness.Processor;
import dev.tandem.harness.ProcessorType;
import dev.tandem.harness.Requirement;
import dev.tandem.harness.Slots;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Gives an episode the workspace that the slots ask for, and takes it away in the end. */
final class WorkspaceFiles implements Processor {
  static final ProcessorType TYPE =
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
    if (slots.workspace() == Slots.Workspace.NONE) {
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
