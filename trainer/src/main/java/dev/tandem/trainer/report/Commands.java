package dev.tandem.trainer.report;

import dev.tandem.trainer.io.RunFiles;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Commands that the page tells its reader to type. */
final class Commands {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+,=-]+");

  private Commands() {}

  /** Goes on with a run, with the complete configuration that its folder has. */
  static String resume(Path run) {
    return "./tandem train %s --out %s --resume"
        .formatted(word(run.resolve(RunFiles.CONFIG).toString()), word(run.toString()));
  }

  /** Prints an episode. */
  static String show(Path run, String episode) {
    return "./tandem traces show %s %s".formatted(word(run.toString()), word(episode));
  }

  /** A word as a shell takes it. */
  private static String word(String raw) {
    return PLAIN.matcher(raw).matches() ? raw : "'" + raw.replace("'", "'\\''") + "'";
  }
}
