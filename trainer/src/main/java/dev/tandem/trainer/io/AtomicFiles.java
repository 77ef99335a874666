package dev.tandem.trainer.io;

import dev.tandem.harness.durable.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Replaces a file in one step: a reader, or a run that was killed at any instant, finds the old
 * content or the new, never half of it.
 *
 * @see DurableFiles
 */
public final class AtomicFiles {
  private AtomicFiles() {}

  /** Writes the new content of a file. */
  @FunctionalInterface
  public interface Content extends DurableFiles.Content {}

  /** Replaces {@code file} by the text in UTF-8. */
  public static void write(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Replaces {@code file} by the bytes. */
  public static void write(Path file, byte[] bytes) throws IOException {
    write(file, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
  }

  /**
   * Replaces {@code file} by what {@code content} writes; parent folders are created.
   *
   * @throws IOException when it cannot be written; the file then is as it was before
   */
  public static void write(Path file, Content content) throws IOException {
    DurableFiles.replace(file, content);
  }

  /** Writes all that the buffer holds. */
  public static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    DurableFiles.writeFully(channel, bytes);
  }
}
