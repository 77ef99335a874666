package dev.tandem.trainer.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a file, or its beginning, held when it was written.
 *
 * @param bytes how many
 * @param sha256 of those bytes, in lower-case hexadecimal: what {@code sha256sum} prints
 */
public record FileSeal(long bytes, String sha256) {
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  /** Hashing a gigabyte takes about a second; larger pieces do not make it faster. */
  private static final int CHUNK = 1 << 18;

  public FileSeal {
    if (bytes < 0 || !SHA_256.matcher(sha256).matches()) {
      throw new IllegalArgumentException(
          "a seal has a length of at least 0 and 64 hexadecimal digits, were %d and '%s'"
              .formatted(bytes, sha256));
    }
  }

  /** Seals a whole file. */
  public static FileSeal of(Path file) throws IOException {
    return of(file, Files.size(file));
  }

  /** Seals the beginning of a file that only grows. */
  public static FileSeal of(Path file, long bytes) throws IOException {
    RunningHash hash = new RunningHash();
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, Math.max(bytes, 1)));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (long left = bytes; left > 0; ) {
        chunk.clear().limit((int) Math.min(left, chunk.capacity()));
        int some = channel.read(chunk);
        if (some < 0) {
          throw new EOFException("%s ends %d bytes too early".formatted(file, left));
        }
        hash.add(chunk.flip());
        left -= some;
      }
    }
    return new FileSeal(bytes, hash.hex());
  }

  /** Seals what a file is going to hold. */
  public static FileSeal of(byte[] content) {
    RunningHash hash = new RunningHash();
    hash.add(ByteBuffer.wrap(content));
    return new FileSeal(content.length, hash.hex());
  }

  /** What is wrong with a file that should be just this; empty when nothing is. */
  public Optional<Damage> damage(Path file) {
    return damage(file, false);
  }

  /** What is wrong with a file that should begin with this; empty when nothing is. */
  public Optional<Damage> damageOfBeginning(Path file) {
    return damage(file, true);
  }

  private Optional<Damage> damage(Path file, boolean mayBeLonger) {
    return problem(file, mayBeLonger).map(what -> new Damage(file, what));
  }

  private Optional<String> problem(Path file, boolean mayBeLonger) {
    if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.of("is missing");
    }
    if (Files.isDirectory(file)) {
      return Optional.of("is a folder where a file was written");
    }
    try {
      long size = Files.size(file);
      if (size < bytes || (size > bytes && !mayBeLonger)) {
        return Optional.of("has %,d bytes instead of %,d".formatted(size, bytes));
      }
      return of(file, bytes).sha256.equals(sha256)
          ? Optional.empty()
          : Optional.of("has another content than was written");
    } catch (NoSuchFileException e) {
      return Optional.of("is missing");
    } catch (AccessDeniedException e) {
      return Optional.of("may not be read");
    } catch (IOException e) {
      return Optional.of("cannot be read (%s)".formatted(e.getMessage()));
    }
  }
}
