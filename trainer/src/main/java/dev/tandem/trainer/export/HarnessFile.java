package dev.tandem.trainer.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.aegis.route.HarnessPool;
import dev.tandem.aegis.route.VariantPool;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The harnesses of a run with their content hashes, as the run itself computed them with the
 * services that they ran with: what last came into force by the ledger, or what it began with.
 *
 * @param hashes by variant
 */
public record HarnessFile(HarnessPool pool, Map<String, String> hashes) {
  public HarnessFile {
    hashes = new TreeMap<>(hashes);
  }

  static HarnessFile of(RunFolder folder, int round) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    hashes.put(
        VariantPool.DEFAULT,
        new ObjectMapper()
            .readTree(Files.readAllLines(folder.copy(round, RunFiles.METRICS)).getFirst())
            .path("incumbent_hash")
            .asText());
    Path ledger = folder.copy(round, RunFiles.LEDGER);
    if (Files.exists(ledger)) {
      Ledger.verify(ledger).entries().forEach(entry -> follow(entry, hashes));
    }
    return new HarnessFile(folder.state(round).aegis().pool().harnesses(), hashes);
  }

  private static void follow(LedgerEntry entry, Map<String, String> hashes) {
    JsonNode payload = entry.payload();
    switch (entry.kind()) {
      case "shipped" -> hashes.put(VariantPool.DEFAULT, payload.path("harness").asText());
      case "forked" ->
          hashes.put(payload.path("variant").asText(), payload.path("harness").asText());
      case "reverted" -> {
        String from = payload.path("from").asText();
        hashes.replaceAll((id, hash) -> hash.equals(from) ? payload.path("to").asText() : hash);
      }
      default -> {
        // It changes no harness.
      }
    }
  }

  /**
   * Writes a run's newest harnesses as one file.
   *
   * @param to JSON if its name says so, YAML otherwise
   * @throws ExportException if the run has no complete round
   */
  public static void write(Path run, Path to) throws IOException {
    RunFolder folder = new RunFolder(run);
    int round = CheckpointExport.newestRound(run, folder);
    RunRecords.requireSealed(folder, round);
    String yaml = of(folder, round).yaml();
    AtomicFiles.write(to, to.toString().endsWith(".json") ? json(yaml) : yaml);
  }

  private static String json(String yaml) throws JsonProcessingException {
    return new ObjectMapper()
            .writerWithDefaultPrettyPrinter()
            .writeValueAsString(new YAMLMapper().readTree(yaml))
        + "\n";
  }

  /** A pool's file, also of a pool of one. */
  String yaml() {
    return pool.toYaml(member -> Optional.ofNullable(hashes.get(member.id())));
  }

  /** A pool of one as the plain harness that it is. */
  String text() {
    return pool.members().size() == 1 ? pool.base().toYaml() : yaml();
  }

  /** Content hash of what they do together. */
  String sha256() {
    return pool.hash(member -> hashes.getOrDefault(member.id(), ""));
  }
}
