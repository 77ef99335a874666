package dev.tandem.trainer.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of what is too large to be in memory at once. */
public final class RunningHash {
  private final MessageDigest digest;

  public RunningHash() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Adds all that the buffer holds. */
  public void add(ByteBuffer bytes) {
    digest.update(bytes);
  }

  /** Adds a file's content. */
  public void add(Path file) throws IOException {
    byte[] chunk = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        digest.update(chunk, 0, read);
      }
    }
  }

  /** The hash of everything added, in lower-case hexadecimal; the next addition begins anew. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
