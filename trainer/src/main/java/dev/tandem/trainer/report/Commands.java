package dev.tandem.trainer.report;

import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.io.ShellWords;
import java.nio.file.Path;

/** Commands that the page tells its reader to type. */
final class Commands {
  private Commands() {}

  /** Goes on with a run, with the complete configuration that its folder has. */
  static String resume(Path run) {
    return "./tandem train %s --out %s --resume"
        .formatted(
            ShellWords.quoted(run.resolve(RunFiles.CONFIG).toString()),
            ShellWords.quoted(run.toString()));
  }

  /** Prints an episode. */
  static String show(Path run, String episode) {
    return "./tandem traces show %s %s"
        .formatted(ShellWords.quoted(run.toString()), ShellWords.quoted(episode));
  }
}
