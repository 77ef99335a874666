package dev.tandem.rollout.store;

import dev.tandem.harness.durable.DurableFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * The hash of an index, in a file beside it: there as long as nobody writes the index.
 *
 * @param index of SQLite, which keeps two more files beside it while it is open
 */
record IndexSeal(Path index) {
  private Path file() {
    return beside(".sha256");
  }

  private Path beside(String suffix) {
    return index.resolveSibling(index.getFileName() + suffix);
  }

  /** Whether somebody has the index open, or was killed having it open. */
  boolean isInUse() {
    return Files.exists(beside("-wal")) || Files.exists(beside("-shm"));
  }

  /** Whether the index is as it was closed. */
  boolean isWhole() throws IOException {
    return Files.isRegularFile(file())
        && Files.isReadable(file())
        && new String(Files.readAllBytes(file()), StandardCharsets.UTF_8).equals(text());
  }

  void breakIt() throws IOException {
    DurableFiles.deleteTree(file());
  }

  /** Seals an index that was just closed, unless it is sealed or others have it open. */
  void put() throws IOException {
    if (!Files.exists(file()) && !isInUse() && Files.exists(index)) {
      ByteBuffer text = StandardCharsets.UTF_8.encode(text());
      DurableFiles.replace(file(), channel -> DurableFiles.writeFully(channel, text));
    }
  }

  /** As {@code sha256sum} writes it. */
  private String text() throws IOException {
    MessageDigest digest = SegmentFile.sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(index), digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
    return "%s  %s\n".formatted(HexFormat.of().formatHex(digest.digest()), index.getFileName());
  }
}
