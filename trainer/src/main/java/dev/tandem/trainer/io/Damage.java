package dev.tandem.trainer.io;

import java.nio.file.Path;

/**
 * What is wrong with a file.
 *
 * @param what a predicate, such as {@code is missing}
 */
public record Damage(Path file, String what) {
  /** File and predicate: a sentence without its end. */
  public String sentence() {
    return file + " " + what;
  }

  /** The failure that this is where nothing else would do. */
  public DamagedStateException exception() {
    return exception("put back the file that was written");
  }

  public DamagedStateException exception(String remedy) {
    return new DamagedStateException(this, remedy);
  }
}
