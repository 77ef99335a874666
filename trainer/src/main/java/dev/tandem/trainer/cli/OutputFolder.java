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
   * @param neededBytes the room the run will take
   * @throws UserException when it holds another run, cannot be written to or has too little room
   */
  public static OutputFolder create(Path folder, long neededBytes) {
    if (RunFiles.isRun(folder)) {
      throw UserException.usage(
          folder + " already holds a run; add --resume to go on with it or name another --out");
    }
    return take(folder, neededBytes);
  }

  /**
   * Takes the folder of a run to go on with it.
   *
   * @param neededBytes the room the rest of the run will take
   * @throws UserException when it holds no run, cannot be written to or has too little room
   */
  public static OutputFolder resume(Path folder, long neededBytes) {
    if (!Files.exists(folder.resolve(RunFiles.CONFIG))
        && !Files.exists(folder.resolve(RunFiles.CHECKPOINTS))) {
      throw UserException.usage(
          "%s holds no run to resume: it has no %s; leave --resume off to start one there"
              .formatted(folder, RunFiles.CONFIG));
    }
    return take(folder, neededBytes);
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** Lets another process have the folder. */
  @Override
  public void close() throws IOException {
    lock.close();
  }

  private static OutputFolder take(Path folder, long neededBytes) {
    try {
      Files.createDirectories(folder);
      long room = Files.getFileStore(folder).getUsableSpace();
      if (room < neededBytes) {
        throw UserException.failed(
            "%s has room for %d MB and the run needs %d MB; name an --out on a larger disk"
                .formatted(folder, room >> 20, neededBytes >> 20));
      }
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
