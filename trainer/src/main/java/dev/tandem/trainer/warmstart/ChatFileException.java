package dev.tandem.trainer.warmstart;

import java.io.Serial;
import java.nio.file.Path;

/** Conversations that cannot be learned from; one sentence with the file, the line, the remedy. */
public final class ChatFileException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  ChatFileException(Path file, String problem) {
    super("%s: %s".formatted(file, problem));
  }

  /**
   * @param line counted from 1
   */
  ChatFileException(Path file, int line, String problem) {
    super("%s:%d: %s".formatted(file, line, problem));
  }
}
