package dev.tandem.harness.durable;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The few ways in which a run changes the disk. A file is replaced in one step: its bytes go to a
 * neighbour of the target, are forced to the device, and the neighbour is renamed over the target,
 * so that a reader, or a run that was killed at any instant, finds the old content or the new,
 * never half of it.
 */
public final class DurableFiles {
  private static final Pattern DRAFT = Pattern.compile("\\..+\\.\\d+-\\d+\\.tmp");

  private DurableFiles() {}

  /** Writes the new content of a file. */
  @FunctionalInterface
  public interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Replaces {@code file} by what {@code content} writes; parent folders are created.
   *
   * @throws IOException when it cannot be written; the file then is as it was before
   */
  public static void replace(Path file, Content content) throws IOException {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null) {
      throw new IOException(file + " is a folder, not a file");
    }
    Files.createDirectories(folder);
    Path draft =
        folder.resolve(
            ".%s.%d-%d.tmp"
                .formatted(
                    target.getFileName(),
                    ProcessHandle.current().pid(),
                    Thread.currentThread().threadId()));
    CrashPoints.reached("before writing", target);
    try {
      try (FileChannel channel =
          FileChannel.open(
              draft,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      } catch (IOException e) {
        throw naming(target, e);
      }
      CrashPoints.reached("before putting in place", target);
      Files.move(
          draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
    forceFolder(folder);
  }

  /** Whether a file of this name is what a kill left of one that was being replaced. */
  public static boolean isDraft(String fileName) {
    return DRAFT.matcher(fileName).matches();
  }

  /** Adds to the end of a file, which is made if there is none. */
  public static void append(Path file, byte[] bytes) throws IOException {
    CrashPoints.reached("before adding to", file);
    boolean made = Files.notExists(file);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      writeFully(channel, ByteBuffer.wrap(bytes));
      channel.force(true);
    } catch (IOException e) {
      throw naming(file, e);
    }
    if (made) {
      forceFolderOf(file);
    }
  }

  /**
   * A channel does not know its file, and says only that there is no space left, say; and the name
   * of a draft tells nobody anything.
   */
  private static IOException naming(Path file, IOException refusal) {
    if (refusal instanceof NoSuchFileException) {
      return refusal; // without a reason of its own
    }
    FileSystemException named =
        refusal instanceof AccessDeniedException
            ? new AccessDeniedException(file.toString())
            : new FileSystemException(file.toString(), null, reason(refusal));
    named.initCause(refusal);
    return named;
  }

  /** Why a file was refused, without its name. */
  public static String reason(IOException refusal) {
    return refusal instanceof FileSystemException file && file.getReason() != null
        ? file.getReason()
        : String.valueOf(refusal.getMessage());
  }

  /** Writes all that the buffer holds. */
  public static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    if (CrashPoints.areWatched() && bytes.hasRemaining()) {
      int half = bytes.remaining() / 2;
      CrashPoints.reached("before a write of", bytes.remaining());
      writeAll(channel, bytes.slice().limit(half));
      bytes.position(bytes.position() + half);
      CrashPoints.reached("in the middle of it, with to come", bytes.remaining());
    }
    writeAll(channel, bytes);
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** A channel as a stream; it is the caller's to close. */
  public static OutputStream stream(FileChannel channel) {
    return new OutputStream() {
      @Override
      public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        writeFully(channel, ByteBuffer.wrap(bytes, from, length));
      }
    };
  }

  /**
   * Gives a file or a folder another name on the same disk.
   *
   * @throws IOException also when something that cannot be replaced has that name
   */
  public static void move(Path from, Path to) throws IOException {
    CrashPoints.reached("before renaming", from);
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    forceFolderOf(to);
    if (!String.valueOf(from.getParent()).equals(String.valueOf(to.getParent()))) {
      forceFolderOf(from);
    }
  }

  /** Removes a file. */
  public static void delete(Path file) throws IOException {
    CrashPoints.reached("before removing", file);
    Files.delete(file);
  }

  /** Removes a folder with all that is in it, if it is there. */
  public static void deleteTree(Path folder) throws IOException {
    if (Files.notExists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        delete(file);
      }
    }
  }

  /** Makes the names in a file's folder survive a power cut. */
  public static void forceFolderOf(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      forceFolder(folder);
    }
  }

  /** Makes the names in a folder survive a power cut; only POSIX systems can open one for it. */
  public static void forceFolder(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
