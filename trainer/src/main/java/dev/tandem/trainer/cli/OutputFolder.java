package dev.tandem.trainer.cli;

import dev.tandem.trainer.io.RunFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder a run writes to, checked before the first minute of work is spent and held so that no
 * second process writes to it.
 */
public final class OutputFolder implements AutoCloseable {
  private final Path path;
  private final FileChannel lock;

  private OutputFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Takes the folder for a new run and creates it when it does not exist.
   *
   * @throws UserException when it holds another run or cannot be written to
   */
  public static OutputFolder create(Path folder) {
    if (RunFiles.isRun(folder)) {
      throw UserException.usage(
          folder + " already holds a run; add --resume to go on with it or name another --out");
    }
    return take(folder);
  }

  /**
   * Takes the folder of a run to go on with it.
   *
   * @throws UserException when it holds no run or cannot be written to
   */
  public static OutputFolder resume(Path folder) {
    if (!Files.exists(folder.resolve(RunFiles.CONFIG))
        && !Files.exists(folder.resolve(RunFiles.CHECKPOINTS))) {
      throw UserException.usage(
          "%s holds no run to resume: it has no %s; leave --resume off to start one there"
              .formatted(folder, RunFiles.CONFIG));
    }
    return take(folder);
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /**
   * Refuses to begin what would not come to its end.
   *
   * @param bytes that the whole run takes, those that it has written already included
   * @throws UserException when there is too little room
   */
  public void requireRoom(long bytes) throws IOException {
    long room = Files.getFileStore(path).getUsableSpace();
    long needed = bytes - written();
    if (room < needed) {
      throw UserException.failed(
          "%s has room for %d MB and the run needs %d MB; free some space there or name an --out on a larger disk"
              .formatted(path, room >> 20, (needed >> 20) + 1));
    }
  }

  private long written() throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  /** Lets another process have the folder. */
  @Override
  public void close() throws IOException {
    lock.close();
  }

  /**
   * Takes the folder, whatever is in it.
   *
   * @throws UserException when it cannot be written to
   */
  static OutputFolder take(Path folder) {
    try {
      Files.createDirectories(folder);
      if (Files.isDirectory(folder.resolve(RunFiles.LOCK))) {
        throw UserException.failed(
            "%s is a folder where a file is needed; remove it"
                .formatted(folder.resolve(RunFiles.LOCK)));
      }
      FileChannel channel =
          FileChannel.open(
              folder.resolve(RunFiles.LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw UserException.failed(
            "another process is writing to %s; wait for it or name another --out"
                .formatted(folder));
      }
      return new OutputFolder(folder, channel);
    } catch (FileAlreadyExistsException file) {
      throw UserException.usage(
          "--out %s: %s is a file; name a folder".formatted(folder, file.getFile()));
    } catch (IOException refused) {
      throw UserException.usage(
          "--out %s cannot be written to; name a folder where you may write".formatted(folder));
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldByThisProcess) {
      return null;
    }
  }
}
