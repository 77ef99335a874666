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

/** Tells the model what it can do, or leaves it no other choice. */
final class AdmissibleCommands implements Processor {
  static final ProcessorType TYPE =
      new ProcessorType(
          "admissible_commands",
          "Lists the commands that would be carried out now, or lets the model answer with nothing"
              + " else.",
          "admissible_commands",
          Dimension.TOOLS,
          Set.of(Hook.BEFORE_MODEL),
          ProcessorType.NORMAL,
          List.of(
              BuiltInProcessors.FRONTIER, BuiltInProcessors.SIGHTINGS, BuiltInProcessors.PROGRESS),
          Set.of(FailureCategory.INADMISSIBLE_ACTION, FailureCategory.UNPARSEABLE_RESPONSE),
          List.of(new Parameter.Choice("mode", "mask", List.of("list", "mask", "both"))),
          arguments -> new AdmissibleCommands(arguments.text("mode")));

  private final boolean list;
  private final boolean mask;

  private AdmissibleCommands(String mode) {
    list = !mode.equals("mask");
    mask = !mode.equals("list");
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.BeforeModel before)
        || before.observation().admissible().isEmpty()) {
      return Outcome.PASS;
    }
    List<String> commands = before.observation().admissible();
    Event.BeforeModel changed = before;
    if (mask) {
      List<String> choices =
          before.choices().isEmpty()
              ? commands
              : before.choices().stream().filter(commands::contains).toList();
      changed = before.withChoices(choices.isEmpty() ? before.choices() : choices);
    }
    return list
        ? Notes.append(changed, "actions : " + String.join(" | ", commands) + " .")
        : new Outcome.Transform(changed);
  }
}
