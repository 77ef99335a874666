package dev.tandem.trainer.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.aegis.ledger.LedgerFault;
import dev.tandem.aegis.ledger.Verification;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.recipe.yaml.ConfigException;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.RunRecords;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a run folder holds, as far as the run has come.
 *
 * @param folder as the reader named it
 * @param going whether another process is at work on it
 * @param rounds the metrics of each round, in order; when a resumed run repeated one, the
 *     repetition
 * @param summary empty until the run has ended
 * @param ledger every entry that can be trusted, in order
 * @param ledgerFault what is wrong with the next one
 * @param configuration the text of the effective configuration
 * @param settings the same as a tree, empty if there is none
 */
record RunData(
    Path folder,
    boolean going,
    List<ObjectNode> rounds,
    ObjectNode summary,
    List<LedgerEntry> ledger,
    Optional<String> ledgerFault,
    String configuration,
    ObjectNode settings) {
  private static final ObjectMapper JSON = new ObjectMapper();

  RunData {
    rounds = List.copyOf(rounds);
    ledger = List.copyOf(ledger);
  }

  static RunData read(Path folder) throws IOException {
    SortedMap<Integer, ObjectNode> byRound = new TreeMap<>();
    RunRecords records = RunRecords.read(folder);
    for (ObjectNode line : lines(folder.resolve(RunFiles.METRICS), records.metrics())) {
      byRound.put(number(line), line);
    }
    Verification verification = ledger(folder, records);
    Path config = folder.resolve(RunFiles.CONFIG);
    return new RunData(
        folder,
        isHeld(folder.resolve(RunFiles.LOCK)),
        List.copyOf(byRound.values()),
        object(folder.resolve(RunFiles.SUMMARY), records.summary()),
        verification.entries(),
        verification.fault().map(LedgerFault::sentence),
        records.configuration(),
        settings(config));
  }

  /**
   * The decisions. Those of a run that has not ended count up to its newest complete round, which
   * vouches for them; what a kill left half-written after that, going on will write again.
   */
  private static Verification ledger(Path folder, RunRecords records) {
    Path file = folder.resolve(RunFiles.LEDGER);
    if (Files.notExists(file)) {
      return new Verification(List.of(), Optional.empty());
    }
    Verification all = Ledger.verify(file);
    return records.summary().isEmpty() && records.vouched() >= 0
        ? new Verification(
            all.entries().stream().filter(entry -> entry.round() <= records.vouched()).toList(),
            Optional.empty())
        : all;
  }

  /** The folder's own name. */
  String name() {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return name == null ? folder.toString() : name.toString();
  }

  /** A line's round. */
  static int number(JsonNode round) {
    return round.path("round").asInt();
  }

  /** The last complete round; -1 before the warm start has ended. */
  int completed() {
    return rounds.isEmpty() ? -1 : number(rounds.getLast());
  }

  /** How many rounds the run is to have; the last complete one's number if nobody says. */
  int planned() {
    return settings.path("rounds").asInt(summary.path("rounds").asInt(completed()));
  }

  /** Whether it has come to its end, which a run that was given more rounds has not. */
  boolean finished() {
    return !summary.isEmpty() && summary.path("rounds").asInt(planned()) >= planned();
  }

  /** Empty if nothing says. */
  String mode() {
    return settings.path("mode").asText(summary.path("mode").asText());
  }

  /** The first or the last evaluation on the sealed split, missing if there is none. */
  JsonNode sealed(boolean last) {
    JsonNode stated = summary.path(last ? "end" : "start").path("sealed");
    List<ObjectNode> inOrder = last ? rounds.reversed() : rounds;
    return stated.isObject() && finished()
        ? stated
        : inOrder.stream()
            .map(round -> round.path("sealed"))
            .filter(JsonNode::isObject)
            .findFirst()
            .orElse(summary.path("absent"));
  }

  private static ObjectNode settings(Path config) {
    try {
      return Files.exists(config) && ConfigLoader.tree(config) instanceof ObjectNode tree
          ? tree
          : JsonNodeFactory.instance.objectNode();
    } catch (ConfigException damaged) {
      throw new ReportException(String.valueOf(damaged.getMessage()), damaged);
    }
  }

  /** Whether a process that is not this one holds the lock of a folder. */
  private static boolean isHeld(Path lock) {
    if (!Files.isRegularFile(lock)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.READ);
        FileLock mine = channel.tryLock(0, Long.MAX_VALUE, true)) {
      return mine == null;
    } catch (OverlappingFileLockException ownRun) {
      return false;
    } catch (IOException unknown) {
      return false;
    }
  }

  private static List<ObjectNode> lines(Path file, String text) {
    List<ObjectNode> objects = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int number = 1; number <= lines.size(); number++) {
      String line = lines.get(number - 1);
      boolean unfinished = number == lines.size() && !text.endsWith("\n");
      if (!line.isBlank() && !unfinished) {
        objects.add(parse(line, file + " line " + number));
      }
    }
    return objects;
  }

  private static ObjectNode object(Path file, String text) {
    return text.isBlank() ? JsonNodeFactory.instance.objectNode() : parse(text, file.toString());
  }

  private static ObjectNode parse(String text, String where) {
    try {
      return JSON.readValue(text, ObjectNode.class);
    } catch (JsonProcessingException malformed) {
      throw new ReportException(where + " is not a JSON object", malformed);
    }
  }
}
