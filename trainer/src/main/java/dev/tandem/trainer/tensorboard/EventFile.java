package dev.tandem.trainer.tensorboard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.harness.durable.DurableFiles;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.RunFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A run's records as TensorBoard shows them: every number of {@code metrics.jsonl} by round, and
 * every number of {@code steps.jsonl} by optimiser step. It holds nothing of its own, so nobody
 * vouches for it: whatever became of it, the next {@link #update} makes it what the records say.
 */
public final class EventFile {
  /** TensorBoard takes what has {@code tfevents} in its name. */
  private static final String NAME = "events.out.tfevents.0000000001.tandem";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Columns that say where a row belongs. */
  private static final List<String> PLACES = List.of("round", "step");

  private static final String SECONDS = "_seconds";

  /** What the rounds' time is divided among. */
  private static final List<String> SHARES =
      List.of("rollout", "aegis", "score", "update", "evaluation", "write");

  private final Path run;

  /**
   * @param run its folder
   */
  public EventFile(Path run) {
    this.run = run;
  }

  /** Where it lies. */
  public Path path() {
    return run.resolve(RunFiles.TENSORBOARD).resolve(NAME);
  }

  /**
   * Brings the file up to date. What is there already stays, if it is right, so that a TensorBoard
   * that is open reads on.
   */
  public void update() throws IOException {
    List<JsonNode> rounds = rows(RunFiles.METRICS);
    if (rounds.isEmpty()) {
      return;
    }
    byte[] wanted = content(rounds, rows(RunFiles.STEPS));
    Path file = path();
    byte[] found =
        Files.isRegularFile(file) && Files.isReadable(file)
            ? Files.readAllBytes(file)
            : new byte[0];
    int same = Arrays.mismatch(found, wanted);
    if (found.length > 0 && same == found.length) {
      DurableFiles.append(file, Arrays.copyOfRange(wanted, same, wanted.length));
    } else if (same >= 0) {
      if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
        DurableFiles.deleteTree(file);
      }
      AtomicFiles.write(file, wanted);
    }
  }

  private static byte[] content(List<JsonNode> rounds, List<JsonNode> steps) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(EventRecords.version(finished(rounds.getFirst())));
    for (JsonNode round : rounds) {
      double wallTime = finished(round);
      for (JsonNode step : steps) {
        if (step.path("round").equals(round.path("round"))) {
          SortedMap<String, Double> values = new TreeMap<>();
          add("step/", step, values);
          file.writeBytes(EventRecords.scalars(wallTime, step.path("step").asLong(), values));
        }
      }
      SortedMap<String, Double> values = new TreeMap<>();
      add("round/", round, values);
      addShares(round, values);
      file.writeBytes(EventRecords.scalars(wallTime, round.path("round").asLong(), values));
    }
    return file.toByteArray();
  }

  /** The lines that are whole: a kill may have cut the last one short. */
  private List<JsonNode> rows(String name) throws IOException {
    Path file = run.resolve(name);
    String text = Files.exists(file) ? Files.readString(file) : "";
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().map(EventFile::row).toList();
  }

  private static JsonNode row(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException damaged) {
      throw new IllegalStateException("not a line that a run writes: " + line, damaged);
    }
  }

  /** Records of earlier builds do not say when; their axis of time is of no use. */
  private static double finished(JsonNode round) {
    JsonNode at = round.path("finished_at");
    return at.isTextual() ? Instant.parse(at.textValue()).toEpochMilli() * 1e-3 : 0;
  }

  /** Every number, those of objects under their names joined; what takes time apart. */
  private static void add(String prefix, JsonNode row, SortedMap<String, Double> values) {
    row.properties()
        .forEach(
            column -> {
              String name = column.getKey();
              JsonNode value = column.getValue();
              if (value.isObject()) {
                add(prefix + name + "_", value, values);
              } else if (value.isNumber() && !PLACES.contains(name)) {
                boolean timed = name.endsWith(SECONDS) || name.endsWith("_per_second");
                values.put((timed ? "time/" : prefix) + name, value.doubleValue());
              }
            });
  }

  private static void addShares(JsonNode round, SortedMap<String, Double> values) {
    double sum = SHARES.stream().mapToDouble(share -> seconds(round, share)).sum();
    for (String share : SHARES) {
      if (sum > 0 && round.has(share + SECONDS)) {
        values.put("time/share_" + share, seconds(round, share) / sum);
      }
    }
  }

  private static double seconds(JsonNode round, String share) {
    return round.path(share + SECONDS).asDouble();
  }
}
