package dev.tandem.trainer.equipment;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that many episodes write lines to; a run that goes on appends to it. */
final class LineFile implements AutoCloseable {
  private final Path file;
  private final BufferedWriter out;
  private int episodes;

  LineFile(String key, Path file) {
    this.file = file;
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      out = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new EquipmentException(
          "services.%s: %s cannot be written to; name a file where you may write"
              .formatted(key, file),
          e);
    }
  }

  /** The number of the next episode. */
  synchronized int begin() {
    return ++episodes;
  }

  synchronized void write(String line) {
    try {
      out.write(line);
      out.newLine();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written to", e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written to", e);
    }
  }
}
