package dev.tandem.rollout.store;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.durable.DurableFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * One segment on disk:
 *
 * <pre>
 *   "TANDEMTR" version(4)
 *   items of the episodes, deflated
 *   rows of the episodes as JSON, deflated
 *   start of the rows(8) number of episodes(4) SHA-256 of all before it(32) "TANDEMTE"
 * </pre>
 *
 * <p>It is written under another name, forced to the device and renamed, and the folder is forced
 * after that: it is there whole or not at all, whenever the process or the machine ends.
 */
final class SegmentFile {
  static final int VERSION = 1;

  private static final byte[] HEAD = "TANDEMTR".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TAIL = "TANDEMTE".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER = HEAD.length + Integer.BYTES;
  private static final int HASH = 32;
  private static final int TRAILER = Long.BYTES + Integer.BYTES + HASH + TAIL.length;

  /** Content that repeats is gone before it is deflated: more effort would gain 1%. */
  private static final int LEVEL = 4;

  private static final int BUFFER = 1 << 16;
  private static final String TEMPORARY = ".tmp";

  private static final TypeReference<List<TraceRow>> ROWS = new TypeReference<>() {};
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private SegmentFile() {}

  /**
   * What a segment says of itself at its end.
   *
   * @param rows where its rows begin
   * @param episodes how many it has
   * @param sha256 of its content
   */
  record Trailer(long rows, int episodes, String sha256) {}

  /** Writes a segment in place of an earlier one of its name. */
  static Trailer write(Path file, List<StoredEpisode> episodes, List<TraceRow> rows)
      throws IOException {
    Trailer[] written = new Trailer[1];
    DurableFiles.replace(file, channel -> written[0] = write(channel, episodes, rows));
    return written[0];
  }

  /** Whether a file of this name is what a killed write left. */
  static boolean isLeftOver(String fileName) {
    return fileName.endsWith(TEMPORARY);
  }

  private static Trailer write(
      FileChannel channel, List<StoredEpisode> episodes, List<TraceRow> rows) throws IOException {
    DigestOutputStream hashed = new DigestOutputStream(DurableFiles.stream(channel), sha256());
    BufferedOutputStream out = new BufferedOutputStream(hashed, BUFFER);
    out.write(ByteBuffer.allocate(HEADER).put(HEAD).putInt(VERSION).array());
    deflated(
        out,
        items -> {
          EpisodeWriter writer = new EpisodeWriter(items);
          for (StoredEpisode episode : episodes) {
            writer.write(episode);
          }
          writer.end();
        });
    out.flush();
    long rowsAt = channel.position();
    deflated(out, json -> json.write(JSON.writeValueAsBytes(rows)));
    out.write(
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
            .putLong(rowsAt)
            .putInt(episodes.size())
            .array());
    out.flush();
    byte[] hash = hashed.getMessageDigest().digest();
    hashed.on(false);
    hashed.write(hash);
    hashed.write(TAIL);
    return new Trailer(rowsAt, episodes.size(), HexFormat.of().formatHex(hash));
  }

  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private static void deflated(OutputStream out, Content content) throws IOException {
    Deflater deflater = new Deflater(LEVEL);
    try {
      DeflaterOutputStream deflating = new DeflaterOutputStream(out, deflater, BUFFER);
      BufferedOutputStream buffered = new BufferedOutputStream(deflating, BUFFER);
      content.writeTo(buffered);
      buffered.flush();
      deflating.finish();
    } finally {
      deflater.end();
    }
  }

  /**
   * A segment's trailer, without a look at the rest.
   *
   * @throws TraceException when it is cut short, is none, or is of a later build
   */
  static Trailer trailer(Path file) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] header = new byte[HEADER];
      byte[] trailer = new byte[TRAILER];
      if (in.length() < HEADER + TRAILER) {
        throw damaged(file, "it has only %d bytes".formatted(in.length()));
      }
      in.readFully(header);
      in.seek(in.length() - TRAILER);
      in.readFully(trailer);
      if (!Arrays.equals(HEAD, 0, HEAD.length, header, 0, HEAD.length)) {
        throw damaged(file, "it does not begin as a segment does");
      }
      int version = ByteBuffer.wrap(header).getInt(HEAD.length);
      if (version != VERSION) {
        throw new TraceException(
            "%s is a segment of version %d, this build reads at most %d: use the build that wrote it, or a newer one"
                .formatted(file, version, VERSION));
      }
      ByteBuffer fields = ByteBuffer.wrap(trailer);
      long rows = fields.getLong();
      int episodes = fields.getInt();
      byte[] hash = new byte[HASH];
      fields.get(hash);
      byte[] tail = new byte[TAIL.length];
      fields.get(tail);
      if (!Arrays.equals(TAIL, tail) || rows < HEADER || rows > in.length() - TRAILER) {
        throw damaged(file, "its end is missing");
      }
      return new Trailer(rows, episodes, HexFormat.of().formatHex(hash));
    }
  }

  /**
   * Checks every byte of a segment.
   *
   * @throws TraceException when one is not as it was written
   */
  static Trailer verified(Path file) throws IOException {
    Trailer trailer = trailer(file);
    MessageDigest digest = sha256();
    long left = Files.size(file) - HASH - TAIL.length;
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      while (left > 0) {
        int some = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (some < 0) {
          throw damaged(file, "it ends too early");
        }
        digest.update(buffer, 0, some);
        left -= some;
      }
    }
    if (!HexFormat.of().formatHex(digest.digest()).equals(trailer.sha256())) {
      throw damaged(file, "its bytes are not those that were written");
    }
    return trailer;
  }

  /** The rows of a checked segment. */
  static List<TraceRow> rows(Path file, Trailer trailer) throws IOException {
    try (InputStream in = open(file, trailer.rows())) {
      return JSON.readValue(in, ROWS);
    }
  }

  /** The episodes of a checked segment. */
  static EpisodeReader episodes(Path file) throws IOException {
    return new EpisodeReader(open(file, HEADER));
  }

  private static InputStream open(Path file, long from) throws IOException {
    InputStream in = Files.newInputStream(file);
    try {
      in.skipNBytes(from);
      return new InflaterInputStream(new BufferedInputStream(in, BUFFER));
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  static TraceException damaged(Path file, String how) {
    return new TraceException(
        "%s is damaged (%s): copy it again from where it is whole, or delete it and do without its episodes"
            .formatted(file, how));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
