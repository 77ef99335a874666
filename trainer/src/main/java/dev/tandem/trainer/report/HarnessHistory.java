package dev.tandem.trainer.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.Decision;
import dev.tandem.aegis.LogicMap;
import dev.tandem.aegis.critique.Assessment;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.gate.Proof;
import dev.tandem.aegis.ledger.LedgerEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The harness evolution as the ledger tells it. */
final class HarnessHistory {
  /** The critic has no check of its own in the gate's list. */
  static final String CRITIC = "critic";

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final List<Version> versions = new ArrayList<>();
  private final List<Rejection> rejections = new ArrayList<>();
  private final Map<String, List<String>> changesByCandidate = new HashMap<>();
  private final Map<Integer, String> challengerByRound = new HashMap<>();

  private HarnessHistory() {}

  /** A harness coming into force. */
  sealed interface Version {
    /** 1 for the first change of the initial harness, and so on. */
    int number();

    int round();

    /** Content hash of the harness now in force. */
    String harness();
  }

  /** An edit passed the gate. */
  record Shipped(int number, int round, String candidate, String harness, LogicMap map)
      implements Version {}

  /**
   * An earlier version came back.
   *
   * @param from content hash of what was taken back
   * @param evidence for a drop of success [nats]
   */
  record TakenBack(int number, int round, String from, String harness, double evidence)
      implements Version {}

  /**
   * An edit that did not ship.
   *
   * @param check what it failed at first
   * @param proof the pairs behind it, null if it did not come to that
   */
  record Rejection(
      int round,
      String candidate,
      List<String> changes,
      String check,
      String reason,
      @Nullable Proof proof) {
    boolean byGate() {
      return !check.equals(CRITIC);
    }
  }

  /**
   * @throws ReportException when an entry is not what this build writes
   */
  static HarnessHistory of(List<LedgerEntry> ledger) {
    HarnessHistory history = new HarnessHistory();
    ledger.forEach(history::add);
    return history;
  }

  List<Version> versions() {
    return List.copyOf(versions);
  }

  List<Rejection> rejections() {
    return List.copyOf(rejections);
  }

  long shipped() {
    return versions.stream().filter(Shipped.class::isInstance).count();
  }

  /** Edits that the gate rejected, or the critic before it. */
  long rejected(boolean byGate) {
    return rejections.stream().filter(rejection -> rejection.byGate() == byGate).count();
  }

  /** Who played half of a round's train episodes: whoever was proposed last before it. */
  Optional<String> challengerOf(int round) {
    return Optional.ofNullable(challengerByRound.get(round));
  }

  private void add(LedgerEntry entry) {
    int round = entry.round();
    switch (entry.kind()) {
      case "proposed" -> {
        Decision.Proposed proposed = read(entry, Decision.Proposed.class);
        changesByCandidate.put(
            proposed.challenger().id(), proposed.challenger().manifest().changes());
        challengerByRound.put(round + 1, proposed.challenger().id());
      }
      case "assessed" -> assessed(round, read(entry, Decision.Assessed.class));
      case "shipped" -> {
        Decision.Shipped shipped = read(entry, Decision.Shipped.class);
        versions.add(
            new Shipped(
                versions.size() + 1, round, shipped.candidate(), shipped.harness(), shipped.map()));
      }
      case "rejected" -> {
        Decision.Rejected rejected = read(entry, Decision.Rejected.class);
        reject(
            round,
            rejected.candidate(),
            words(rejected.check()),
            rejected.reason(),
            rejected.proof());
      }
      case "reverted" -> {
        Decision.Reverted reverted = read(entry, Decision.Reverted.class);
        versions.add(
            new TakenBack(
                versions.size() + 1, round, reverted.from(), reverted.to(), reverted.evidence()));
      }
      default -> {
        // Digests, pauses and concerns change no version.
      }
    }
  }

  private void assessed(int round, Decision.Assessed assessed) {
    Assessment assessment = assessed.assessment();
    if (!assessment.endorsed()) {
      reject(round, assessed.candidate(), CRITIC, assessment.reason(), null);
    }
  }

  private void reject(
      int round, String candidate, String check, String reason, @Nullable Proof proof) {
    rejections.add(
        new Rejection(
            round,
            candidate,
            changesByCandidate.getOrDefault(candidate, List.of()),
            check,
            reason,
            proof));
  }

  private static String words(Check check) {
    return Html.words(check.name());
  }

  private static <T extends Decision> T read(LedgerEntry entry, Class<T> type) {
    try {
      return JSON.treeToValue(entry.payload(), type);
    } catch (JsonProcessingException | IllegalArgumentException unknown) {
      throw new ReportException(
          "entry %d of the ledger (%s) is not as this build writes it: make the report with the build that made the run"
              .formatted(entry.sequence(), entry.kind()),
          unknown);
    }
  }
}
