package dev.tandem.trainer.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.RunFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A run on disk. A round becomes complete in one step, when the file {@code latest} names its
 * checkpoint; whatever a killed run left beyond that is removed on resuming.
 */
public final class RunFolder {
  private static final String CHECKPOINTS = "checkpoints";
  private static final String LATEST = "latest";
  public static final String STATE = "run-state.json";

  /** Folder of a checkpoint that holds its adapter by itself; the weights beside have it merged. */
  public static final String ADAPTER = "adapter";

  /** Checkpoints kept besides the first, which is the reference policy. */
  private static final int KEPT = 2;

  private static final ObjectMapper STATE_JSON = new JsonMapper();
  private static final ObjectMapper METRICS_JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private final Path path;

  public RunFolder(Path path) {
    this.path = path;
  }

  /** Writes a checkpoint's weights and the optimiser's moments into a folder. */
  @FunctionalInterface
  public interface Weights {
    void writeTo(Path directory) throws IOException;
  }

  public Path path() {
    return path;
  }

  public Path ledger() {
    return path.resolve(RunFiles.LEDGER);
  }

  /** Name of the weights after a round. */
  public static String checkpointName(int round) {
    return "round-%04d".formatted(round);
  }

  /** Folder of the weights after a round. */
  public Path checkpoint(int round) {
    return path.resolve(CHECKPOINTS).resolve(checkpointName(round));
  }

  /** Folder of the newest complete checkpoint; empty before the warm start has ended. */
  public Optional<Path> latestCheckpoint() throws IOException {
    try {
      return Optional.of(path.resolve(CHECKPOINTS).resolve(Files.readString(latest()).strip()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** State of the newest complete round; empty before the warm start has ended. */
  public Optional<RunState> latestState() throws IOException {
    Optional<Path> checkpoint = latestCheckpoint();
    if (checkpoint.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        STATE_JSON.readValue(Files.readString(checkpoint.get().resolve(STATE)), RunState.class));
  }

  /** Completes a round: metrics, checkpoint, and then the one write that makes them count. */
  public void save(RunState state, RoundMetrics metrics, Weights weights) throws IOException {
    appendMetrics(METRICS_JSON.writeValueAsString(metrics));
    Path target = checkpoint(state.round());
    Path draft = target.resolveSibling("." + target.getFileName() + ".tmp");
    delete(draft);
    Files.createDirectories(draft);
    weights.writeTo(draft);
    AtomicFiles.write(draft.resolve(STATE), STATE_JSON.writeValueAsString(state));
    delete(target);
    Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
    AtomicFiles.write(latest(), target.getFileName() + "\n");
    removeOld(state.round());
  }

  /** The newest complete round's metrics on the sealed split. */
  public Optional<SuccessRate> lastSealed() throws IOException {
    Optional<SuccessRate> last = Optional.empty();
    for (String line : Files.readAllLines(path.resolve(RunFiles.METRICS))) {
      JsonNode sealed = METRICS_JSON.readTree(line).path("sealed");
      if (!sealed.isMissingNode()) {
        last = Optional.of(METRICS_JSON.treeToValue(sealed, SuccessRate.class));
      }
    }
    return last;
  }

  /** Removes what a killed run left of rounds after this one. */
  public void truncateAfter(int round) throws IOException {
    Path metrics = path.resolve(RunFiles.METRICS);
    if (Files.exists(metrics)) {
      List<String> kept = new ArrayList<>();
      for (String line : Files.readAllLines(metrics)) {
        if (isOfRound(line, round)) {
          kept.add(line + "\n");
        }
      }
      AtomicFiles.write(metrics, String.join("", kept));
    }
    if (Files.isDirectory(path.resolve(CHECKPOINTS))) {
      try (Stream<Path> folders = Files.list(path.resolve(CHECKPOINTS))) {
        for (Path folder : folders.filter(Files::isDirectory).toList()) {
          String name = folder.getFileName().toString();
          if (name.startsWith(".") || roundOf(name) > round) {
            delete(folder);
          }
        }
      }
    }
  }

  /** A whole line of a round up to this one; a line that a kill cut short is of no round. */
  private static boolean isOfRound(String line, int last) {
    try {
      JsonNode node = METRICS_JSON.readTree(line);
      return node.path("round").isInt() && node.path("round").intValue() <= last;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private void appendMetrics(String line) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path.resolve(RunFiles.METRICS), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      channel.write(StandardCharsets.UTF_8.encode(line + "\n"));
      channel.force(true);
    }
  }

  private void removeOld(int round) throws IOException {
    try (Stream<Path> folders = Files.list(path.resolve(CHECKPOINTS))) {
      for (Path folder : folders.filter(Files::isDirectory).toList()) {
        int old = roundOf(folder.getFileName().toString());
        if (old != 0 && old <= round - KEPT) {
          delete(folder);
        }
      }
    }
  }

  private Path latest() {
    return path.resolve(CHECKPOINTS).resolve(LATEST);
  }

  private static int roundOf(String checkpointName) {
    return Integer.parseInt(checkpointName.substring(checkpointName.indexOf('-') + 1));
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
