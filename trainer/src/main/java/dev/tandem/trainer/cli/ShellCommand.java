package dev.tandem.trainer.cli;

import dev.tandem.trainer.io.ShellWords;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A command line as it can be pasted into a shell. */
final class ShellCommand {
  /** Set by the launcher: how it was called. */
  static final String PROGRAM_PROPERTY = "tandem.program";

  private static final String RESUME = "--resume";

  /** Goes back to an earlier round; said again it would do so again. */
  private static final String FROM_ROUND = "--from-round";

  private ShellCommand() {}

  /** The command that goes on with what this one began. */
  static String resuming(List<String> arguments) {
    List<String> words = new ArrayList<>();
    words.add(System.getProperty(PROGRAM_PROPERTY, "tandem"));
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      if (word.equals(FROM_ROUND)) {
        i++;
      } else if (!word.equals(RESUME) && !word.startsWith(FROM_ROUND + "=")) {
        words.add(word);
      }
    }
    words.add(RESUME);
    return words.stream().map(ShellWords::quoted).collect(Collectors.joining(" "));
  }
}
