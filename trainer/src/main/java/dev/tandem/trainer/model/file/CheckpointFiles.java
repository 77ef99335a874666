package dev.tandem.trainer.model.file;

import dev.tandem.harness.durable.DurableFiles;
import dev.tandem.trainer.io.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Writes a checkpoint's files, each whole or not at all. */
public final class CheckpointFiles {

  private CheckpointFiles() {}

  public static void write(Path file, AtomicFiles.Content content) {
    try {
      AtomicFiles.write(file, content);
    } catch (IOException e) {
      throw new CheckpointException(
          file,
          "cannot be written (" + DurableFiles.reason(e) + "); check space and permissions",
          e);
    }
  }

  public static void write(Path file, byte[] content) {
    write(file, channel -> AtomicFiles.writeFully(channel, ByteBuffer.wrap(content)));
  }
}
