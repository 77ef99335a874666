package dev.tandem.trainer.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.run.RunRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a run folder holds, as far as the run has come.
 *
 * @param name the folder's name
 * @param rounds the metrics of each round, in order; when a resumed run repeated one, the
 *     repetition
 * @param summary empty until the run has ended
 * @param ledger every entry, in order
 * @param configuration the text of the effective configuration
 */
record RunData(
    String name,
    List<ObjectNode> rounds,
    ObjectNode summary,
    List<ObjectNode> ledger,
    String configuration) {
  private static final ObjectMapper JSON = new ObjectMapper();

  RunData {
    rounds = List.copyOf(rounds);
    ledger = List.copyOf(ledger);
  }

  static RunData read(Path folder) throws IOException {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    SortedMap<Integer, ObjectNode> byRound = new TreeMap<>();
    RunRecords records = RunRecords.read(folder);
    for (ObjectNode line : lines(folder.resolve(RunFiles.METRICS), records.metrics())) {
      byRound.put(line.path("round").asInt(), line);
    }
    return new RunData(
        name == null ? folder.toString() : name.toString(),
        List.copyOf(byRound.values()),
        object(folder.resolve(RunFiles.SUMMARY), records.summary()),
        lines(folder.resolve(RunFiles.LEDGER), records.ledger()),
        records.configuration());
  }

  boolean finished() {
    return !summary.isEmpty();
  }

  /** The first or the last evaluation on the sealed split, missing if there is none. */
  JsonNode sealed(boolean last) {
    JsonNode stated = summary.path(last ? "end" : "start").path("sealed");
    List<ObjectNode> inOrder = last ? rounds.reversed() : rounds;
    return stated.isObject()
        ? stated
        : inOrder.stream()
            .map(round -> round.path("sealed"))
            .filter(JsonNode::isObject)
            .findFirst()
            .orElse(summary.path("absent"));
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
