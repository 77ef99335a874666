package dev.tandem.trainer.model.file;

import java.io.Serial;
import java.nio.file.Path;

/**
 * A checkpoint file that cannot be used; the message names the file, the value at fault and the
 * remedy.
 */
public final class CheckpointException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  public CheckpointException(Path file, String problem) {
    super(file + ": " + problem);
  }

  public CheckpointException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
