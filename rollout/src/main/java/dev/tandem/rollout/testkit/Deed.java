package dev.tandem.rollout.testkit;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.spi.Expert;
import java.util.List;

/** Something done in a world: a command, or the use of a tool. */
record Deed(String tool, String input) {
  static Deed command(String text) {
    return new Deed(ToolUse.COMMAND, text);
  }

  /** What a move comes to: its uses of tools, or else its command. */
  static List<Deed> of(Expert.Move move) {
    return move.toolUses().isEmpty()
        ? List.of(command(move.text()))
        : move.toolUses().stream().map(use -> new Deed(use.tool(), use.input())).toList();
  }

  boolean isCommand() {
    return tool.equals(ToolUse.COMMAND);
  }

  Observation in(World world) {
    return isCommand() ? world.act(input) : world.use(new ToolUse("contract", tool, input));
  }

  @Override
  public String toString() {
    return isCommand() ? "'" + input + "'" : tool + " " + input;
  }
}
