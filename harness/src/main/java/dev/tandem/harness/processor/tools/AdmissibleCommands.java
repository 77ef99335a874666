package dev.tandem.harness.processor.tools;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.processor.support.Groups;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Set;

/** Tells the model what it can do, or leaves it no other choice. */
public final class AdmissibleCommands implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
          "admissible_commands",
          "Lists the commands that would be carried out now, or lets the model answer with nothing"
              + " else.",
          "admissible_commands",
          Dimension.TOOLS,
          Set.of(Hook.BEFORE_MODEL),
          ProcessorType.NORMAL,
          List.of(Groups.FRONTIER, Groups.SIGHTINGS, Groups.PROGRESS),
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
