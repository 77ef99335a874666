package dev.tandem.trainer.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.trainer.io.RunFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files, read by a decoder that shares nothing with what wrote them. */
final class EventFileTest {
  private static final String ROUND_0 =
      "{\"round\":0,\"sealed\":{\"success\":0.25,\"episodes\":8},\"finished_at\":\"2026-01-02T03:04:05.500Z\"}\n";
  private static final String ROUND_1 =
      "{\"round\":1,\"incumbent_hash\":\"ab\",\"reward\":0.5,\"rollout_seconds\":3.0,\"train_seconds\":2.0,\"score_seconds\":0.5,\"update_seconds\":1.5,\"write_seconds\":1.0,\"harness_variance\":null,\"finished_at\":\"2026-01-02T03:05:05Z\"}\n";
  private static final String STEPS =
      """
      {"round":1,"step":300,"loss":-0.125,"seconds":0.75}
      {"round":1,"step":301,"loss":null,"skipped":"not finite"}
      """;

  @TempDir private Path run;

  /** One event, by what an independent reader makes of it. */
  private record Event(double wallTime, long step, String version, Map<String, Float> values) {}

  @BeforeEach
  void record() throws IOException {
    Files.writeString(run.resolve(RunFiles.METRICS), ROUND_0 + ROUND_1);
    Files.writeString(run.resolve(RunFiles.STEPS), STEPS);
  }

  @Test
  void holdsEveryNumberOfTheRecords() throws IOException {
    new EventFile(run).update();
    List<Event> events = events(Files.readAllBytes(new EventFile(run).path()));
    assertThat(events).extracting(Event::step).containsExactly(0L, 0L, 300L, 301L, 1L);
    assertThat(events.getFirst().version()).isEqualTo("brain.Event:2");
    assertThat(events.getFirst().wallTime()).isEqualTo(1767323045.5);
    assertThat(events.get(1).values())
        .isEqualTo(Map.of("round/sealed_success", 0.25f, "round/sealed_episodes", 8f));
    assertThat(events.get(2).values())
        .isEqualTo(Map.of("step/loss", -0.125f, "step/seconds", 0.75f));
    assertThat(events.get(3).values()).as("a step that was skipped").isEmpty();
    assertThat(events.get(4).wallTime()).isEqualTo(1767323105.0);
    assertThat(events.get(4).values())
        .isEqualTo(
            Map.of(
                "round/reward", 0.5f,
                "time/rollout_seconds", 3f,
                "time/train_seconds", 2f,
                "time/score_seconds", 0.5f,
                "time/update_seconds", 1.5f,
                "time/write_seconds", 1f,
                "time/share_rollout", (float) (3 / 6.0),
                "time/share_score", (float) (0.5 / 6),
                "time/share_update", (float) (1.5 / 6),
                "time/share_write", (float) (1 / 6.0)));
  }

  @Test
  void isMadeTheSameWhateverBecameOfIt() throws IOException {
    EventFile file = new EventFile(run);
    file.update();
    byte[] whole = Files.readAllBytes(file.path());
    for (byte[] damaged :
        List.of(
            new byte[0],
            Arrays.copyOf(whole, whole.length - 7),
            Arrays.copyOf(whole, whole.length + 3),
            "something else".getBytes(StandardCharsets.UTF_8))) {
      Files.write(file.path(), damaged);
      file.update();
      assertThat(file.path()).hasBinaryContent(whole);
    }
    Files.delete(file.path());
    Files.createDirectories(file.path().resolve("in its place"));
    file.update();
    assertThat(file.path()).hasBinaryContent(whole);
  }

  @Test
  void growsByWhatIsNewSoThatAnOpenReaderReadsOn() throws IOException {
    Files.writeString(run.resolve(RunFiles.METRICS), ROUND_0 + "{\"round\":1,\"rew");
    EventFile file = new EventFile(run);
    file.update();
    Object before = Files.getAttribute(file.path(), "unix:ino");
    assertThat(events(Files.readAllBytes(file.path()))).hasSize(2);
    Files.writeString(run.resolve(RunFiles.METRICS), ROUND_0);
    Files.writeString(run.resolve(RunFiles.METRICS), ROUND_1, StandardOpenOption.APPEND);
    file.update();
    assertThat(events(Files.readAllBytes(file.path()))).hasSize(5);
    assertThat(Files.getAttribute(file.path(), "unix:ino")).isEqualTo(before);
  }

  @Test
  void theChecksumIsThatOfThePublishedExample() {
    assertThat(checksum("123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xe3069283);
  }

  /** CRC-32C, bit by bit. */
  private static int checksum(byte[] bytes) {
    int rest = -1;
    for (byte one : bytes) {
      rest ^= one & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        rest = (rest & 1) == 0 ? rest >>> 1 : (rest >>> 1) ^ 0x82f63b78;
      }
    }
    return ~rest;
  }

  private static int masked(byte[] bytes) {
    int checksum = checksum(bytes);
    return ((checksum >>> 15) | (checksum << 17)) + 0xa282ead8;
  }

  private static List<Event> events(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertThat(in.getInt()).isEqualTo(masked(length));
      byte[] data =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      in.get(data);
      assertThat(in.getInt()).isEqualTo(masked(data));
      events.add(event(data));
    }
    return events;
  }

  private static Event event(byte[] data) {
    Map<Integer, List<Object>> fields = fields(data);
    Map<String, Float> values = new TreeMap<>();
    for (Object summary : fields.getOrDefault(5, List.of())) {
      for (Object value : fields((byte[]) summary).getOrDefault(1, List.of())) {
        Map<Integer, List<Object>> one = fields((byte[]) value);
        values.put(
            text(one.getOrDefault(1, List.of())),
            (Float) one.getOrDefault(2, List.of()).getFirst());
      }
    }
    List<Object> step = fields.getOrDefault(2, List.of());
    return new Event(
        (Double) fields.getOrDefault(1, List.of()).getFirst(),
        step.isEmpty() ? 0 : (Long) step.getFirst(),
        text(fields.getOrDefault(3, List.of())),
        values);
  }

  private static String text(List<Object> field) {
    return field.isEmpty() ? "" : new String((byte[]) field.getFirst(), StandardCharsets.UTF_8);
  }

  /** A message of the wire format: numbers by their type, everything else as bytes. */
  private static Map<Integer, List<Object>> fields(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, List<Object>> fields = new TreeMap<>();
    while (in.hasRemaining()) {
      long key = varint(in);
      Object value =
          switch ((int) (key & 7)) {
            case 0 -> varint(in);
            case 1 -> in.getDouble();
            case 2 -> {
              byte[] bytes = new byte[(int) varint(in)];
              in.get(bytes);
              yield bytes;
            }
            case 5 -> in.getFloat();
            default -> throw new AssertionError("wire type of key " + key);
          };
      fields.computeIfAbsent((int) (key >>> 3), _ -> new ArrayList<>()).add(value);
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte one = in.get();
      value |= (long) (one & 0x7f) << shift;
      if (one >= 0) {
        return value;
      }
    }
  }
}
