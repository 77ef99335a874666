package dev.tandem.trainer.run;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.durable.DurableFiles;
import dev.tandem.harness.value.SteadyClock;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.Damage;
import dev.tandem.trainer.io.FileSeal;
import dev.tandem.trainer.io.Manifest;
import dev.tandem.trainer.io.ResultJson;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.learning.LearningMetrics;
import dev.tandem.trainer.recipe.CheckpointSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A run on disk. A round becomes complete in one step, when the folder of its checkpoint, sealed by
 * a {@link Manifest}, is renamed to its name; nothing complete is removed before that. The manifest
 * also vouches for what lies outside the checkpoint: the segments of traces, and the beginnings of
 * the files that grow, of which the checkpoint holds copies.
 */
public final class RunFolder {
  public static final String STATE = RunFiles.STATE;

  /** What grows by lines, all of a round at once, after its checkpoint is there. */
  static final List<String> GROWING = List.of(RunFiles.METRICS, RunFiles.STEPS, RunFiles.GROUPS);

  private static final Pattern ROUND = Pattern.compile("round-(\\d{4,9})");

  /** What a kill leaves of a checkpoint that was being written or removed. */
  private static final Pattern DRAFT = Pattern.compile("\\.round-\\d{4,9}(\\.old)?\\.tmp");

  private static final ObjectMapper STATE_JSON = new JsonMapper();
  private static final ObjectMapper METRICS_JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private final Path path;
  private final Keeping keeping;
  private final InstantSource clock = new SteadyClock();

  /** To read. */
  public RunFolder(Path path) {
    this(path, new Keeping(CheckpointSettings.DEFAULTS.keepLast(), Optional.empty()));
  }

  /** To write: of the checkpoints, some stay. */
  public RunFolder(Path path, Keeping keeping) {
    this.path = path;
    this.keeping = keeping;
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
    return checkpoints().resolve(checkpointName(round));
  }

  Path checkpoints() {
    return path.resolve(RunFiles.CHECKPOINTS);
  }

  /** A checkpoint's copy of one of the run's files, as it was when the round was complete. */
  public Path copy(int round, String file) {
    return checkpoint(round).resolve(RunFiles.COPIES).resolve(file);
  }

  /** The rounds whose checkpoints are there, whether they are whole or not; ascending. */
  public List<Integer> completeRounds() {
    if (Files.notExists(checkpoints(), LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(checkpoints())) {
      return entries
          .map(entry -> ROUND.matcher(String.valueOf(entry.getFileName())))
          .filter(Matcher::matches)
          .map(name -> Integer.parseInt(name.group(1)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new Damage(checkpoints(), "cannot be listed (%s)".formatted(e.getMessage()))
          .exception("put back the folder that was written");
    }
  }

  /** The newest complete round; empty before the warm start has ended. */
  public Optional<Integer> newestRound() {
    List<Integer> rounds = completeRounds();
    return rounds.isEmpty() ? Optional.empty() : Optional.of(rounds.getLast());
  }

  /**
   * That a checkpoint was there once, in a sentence without its full stop; empty for a folder that
   * is there, or of which nothing shows that it ever was.
   */
  public static Optional<String> dropped(Path checkpoint) {
    Path folder = checkpoint.toAbsolutePath().normalize();
    Path parent = folder.getParent();
    Matcher name = ROUND.matcher(String.valueOf(folder.getFileName()));
    if (parent == null || parent.getParent() == null || !name.matches() || Files.exists(folder)) {
      return Optional.empty();
    }
    return new RunFolder(parent.getParent()).dropped(Integer.parseInt(name.group(1)));
  }

  /** The same of a round. */
  public Optional<String> dropped(int round) {
    List<Integer> rounds = completeRounds();
    return round < 0 || rounds.isEmpty() || round > rounds.getLast() || rounds.contains(round)
        ? Optional.empty()
        : Optional.of(
            "the checkpoint of round %d was dropped, as checkpoints.keep_last says: %s still has rounds %s"
                .formatted(
                    round, path, rounds.stream().map(String::valueOf).collect(joining(", "))));
  }

  /**
   * State after a complete round.
   *
   * @throws dev.tandem.trainer.io.DamagedStateException when it cannot be read
   */
  public RunState state(int round) {
    Path file = checkpoint(round).resolve(STATE);
    try {
      return STATE_JSON.readValue(Files.readString(file), RunState.class);
    } catch (IOException | IllegalArgumentException e) {
      throw new Damage(file, "cannot be read (%s)".formatted(firstLine(e))).exception();
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** Whether a build wrote it that did not seal rounds: a file named the newest checkpoint. */
  boolean isOfAnEarlierBuild() {
    return Files.exists(checkpoints().resolve("latest"));
  }

  /** What the run came to: the harness, the summary, and the manifest that vouches for both. */
  public void conclude(String harness, String summary) throws IOException {
    new Conclusion(path).write(harness, summary);
  }

  /** A folder in a file's place is moved out of the way. */
  public static void clearFolder(Path file) throws IOException {
    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      moveAway(file);
    }
  }

  /** Gives what is in the place of a file that is to be written another name. */
  static void moveAway(Path file) throws IOException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      Path away = file.resolveSibling(file.getFileName() + ".damaged");
      DurableFiles.deleteTree(away);
      DurableFiles.move(file, away);
    }
  }

  /**
   * Completes a round: the checkpoint as a draft, its manifest, and then the one rename that makes
   * them count. The line of metrics follows, of which the checkpoint has a copy.
   */
  public void save(RunState state, RoundMetrics metrics, Weights weights) throws IOException {
    Path target = checkpoint(state.round());
    Path draft = target.resolveSibling("." + target.getFileName() + ".tmp");
    DurableFiles.deleteTree(draft);
    Files.createDirectories(draft);
    Instant begun = clock.instant();
    weights.writeTo(draft);
    Instant finished = clock.instant();
    AtomicFiles.write(draft.resolve(STATE), STATE_JSON.writeValueAsString(state));
    double seconds = Duration.between(begun, finished).toNanos() * 1e-9;
    Map<String, byte[]> lines = lines(metrics.with(new Written(seconds, finished.toString())));
    seal(draft, state.round(), lines);
    DurableFiles.move(draft, target);
    for (Map.Entry<String, byte[]> file : lines.entrySet()) {
      DurableFiles.append(path.resolve(file.getKey()), file.getValue());
    }
    removeOld(state.round());
  }

  /** What a round adds to each of the files that grow by lines; files without any are left out. */
  private static Map<String, byte[]> lines(RoundMetrics metrics) throws IOException {
    Map<String, byte[]> lines = new LinkedHashMap<>();
    lines.put(RunFiles.METRICS, bytes(METRICS_JSON.writeValueAsString(metrics) + "\n"));
    LearningMetrics learning = metrics.learning();
    lines.put(RunFiles.STEPS, lines(learning == null ? List.of() : learning.eachStep()));
    BufferMetrics buffer = metrics.buffer();
    lines.put(RunFiles.GROUPS, lines(buffer == null ? List.of() : buffer.byTask()));
    lines.values().removeIf(added -> added.length == 0);
    return lines;
  }

  private static byte[] lines(List<?> rows) {
    return bytes(rows.stream().map(row -> ResultJson.text(row) + "\n").collect(joining()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void seal(Path draft, int round, Map<String, byte[]> lines) throws IOException {
    Path copies = draft.resolve(RunFiles.COPIES);
    SortedMap<String, FileSeal> beginnings = new TreeMap<>();
    for (String name : GROWING) {
      Path copy = copy(round - 1, name);
      ByteArrayOutputStream now = new ByteArrayOutputStream();
      now.writeBytes(round > 0 && Files.exists(copy) ? Files.readAllBytes(copy) : new byte[0]);
      now.writeBytes(lines.getOrDefault(name, new byte[0]));
      if (now.size() > 0) {
        AtomicFiles.write(copies.resolve(name), now.toByteArray());
        beginnings.put(name, FileSeal.of(now.toByteArray()));
      }
    }
    if (Files.exists(ledger())) {
      byte[] decisions = Files.readAllBytes(ledger());
      AtomicFiles.write(copies.resolve(RunFiles.LEDGER), decisions);
      beginnings.put(RunFiles.LEDGER, FileSeal.of(decisions));
    }
    SortedMap<String, FileSeal> elsewhere = segments(round);
    Path config = path.resolve(RunFiles.CONFIG);
    if (Files.exists(config)) {
      byte[] recipe = Files.readAllBytes(config);
      AtomicFiles.write(copies.resolve(RunFiles.CONFIG), recipe);
      elsewhere.put(RunFiles.CONFIG, FileSeal.of(recipe));
    }
    Manifest.seal(draft, elsewhere, beginnings);
  }

  /** The segments that the round before has vouched for, and those that were written since. */
  private SortedMap<String, FileSeal> segments(int round) throws IOException {
    SortedMap<String, FileSeal> segments = new TreeMap<>();
    if (round > 0 && Manifest.isIn(checkpoint(round - 1))) {
      segments.putAll(Manifest.read(checkpoint(round - 1)).elsewhere());
      segments.remove(RunFiles.CONFIG);
    }
    List<String> since = new ArrayList<>(TraceStore.files(path));
    since.removeAll(segments.keySet());
    since.removeIf(file -> TraceStore.segment(file).filter(one -> one.round() > round).isPresent());
    segments.putAll(Manifest.seals(path, since));
    return segments;
  }

  /**
   * Replaces the effective configuration of a run that goes on from a round with another. At no
   * time do it and the round's manifest contradict each other: the manifest vouches for the new one
   * first, and its copy of the old one still counts.
   */
  void changeConfiguration(String effective, int round) throws IOException {
    byte[] bytes = bytes(effective);
    vouchForConfiguration(FileSeal.of(bytes), round);
    AtomicFiles.write(path.resolve(RunFiles.CONFIG), bytes);
  }

  /**
   * Makes an older round's manifest vouch for the configuration that the run has by now, which may
   * have been changed after that round.
   */
  void keepConfiguration(int round) throws IOException {
    Path config = path.resolve(RunFiles.CONFIG);
    if (RunRecords.damageOfConfiguration(this, round).isPresent() && Files.isRegularFile(config)) {
      vouchForConfiguration(FileSeal.of(config), round);
    }
  }

  private void vouchForConfiguration(FileSeal seal, int round) throws IOException {
    Manifest manifest = Manifest.read(checkpoint(round));
    SortedMap<String, FileSeal> elsewhere = new TreeMap<>(manifest.elsewhere());
    elsewhere.put(RunFiles.CONFIG, seal);
    new Manifest(manifest.files(), elsewhere, manifest.beginnings()).write(checkpoint(round));
  }

  /** The last measurement on the sealed split up to a complete round. */
  public Optional<SuccessRate> lastSealed(int round) throws IOException {
    Optional<SuccessRate> last = Optional.empty();
    for (String line : Files.readAllLines(copy(round, RunFiles.METRICS))) {
      JsonNode sealed = METRICS_JSON.readTree(line).path("sealed");
      if (!sealed.isMissingNode()) {
        last = Optional.of(METRICS_JSON.treeToValue(sealed, SuccessRate.class));
      }
    }
    return last;
  }

  /** The round that a line of metrics is about; empty for a line that a kill cut short. */
  static Optional<Integer> roundOf(String line) {
    try {
      JsonNode round = METRICS_JSON.readTree(line).path("round");
      return round.isInt() ? Optional.of(round.intValue()) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Removes the checkpoints that a complete round has made superfluous. */
  void removeOld(int round) throws IOException {
    List<String> metrics = Files.readAllLines(copy(round, RunFiles.METRICS));
    for (int old : completeRounds()) {
      if (old < round && !keeping.keeps(old, round, metrics)) {
        Path gone = checkpoints().resolve("." + checkpointName(old) + ".old.tmp");
        DurableFiles.deleteTree(gone);
        DurableFiles.move(checkpoint(old), gone);
        DurableFiles.deleteTree(gone);
      }
    }
  }

  /** Removes what a kill left half written or half removed. */
  void removeDrafts() throws IOException {
    for (Path parent : List.of(path, checkpoints())) {
      if (Files.isDirectory(parent)) {
        for (Path file : list(parent)) {
          String name = String.valueOf(file.getFileName());
          if (DurableFiles.isDraft(name) || DRAFT.matcher(name).matches()) {
            DurableFiles.deleteTree(file);
          }
        }
      }
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
