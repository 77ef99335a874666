package dev.tandem.trainer.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.Decision;
import dev.tandem.aegis.LeverEffect;
import dev.tandem.aegis.LogicMap;
import dev.tandem.aegis.gate.Check;
import dev.tandem.aegis.gate.Proof;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.aegis.plan.LandscapeSummary;
import dev.tandem.aegis.route.VariantPool;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The harness evolution as the ledger tells it. */
final class HarnessHistory {
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final List<Version> versions = new ArrayList<>();
  private final List<Rejection> rejections = new ArrayList<>();
  private final Map<String, List<String>> changesByCandidate = new HashMap<>();
  private final Map<String, List<LeverEffect>> leversByCandidate = new HashMap<>();
  private final Map<String, List<Decision.Scored>> scoredByCandidate = new HashMap<>();
  private final SortedMap<String, Serving> serving = new TreeMap<>();
  private final NavigableMap<Integer, LandscapeSummary> landscapes = new TreeMap<>();
  private List<LeverEffect> levers = List.of();
  private int screened;

  private HarnessHistory() {}

  /** A harness coming into force. */
  sealed interface Version {
    /** 1 for the first change of the initial harness, and so on. */
    int number();

    int round();

    /** Content hash of the harness now in force. */
    String harness();
  }

  /**
   * A bundle passed the gate.
   *
   * @param clusters the kinds of task that it is in force for alone; empty for all without variant
   */
  record Shipped(
      int number, int round, String candidate, String harness, LogicMap map, List<String> clusters)
      implements Version {
    Shipped {
      clusters = List.copyOf(clusters);
    }
  }

  /** A variant was merged back into the default. */
  record MergedBack(int number, int round, String harness, Decision.Retired decision)
      implements Version {}

  /**
   * A variant that some kinds of task have.
   *
   * @param since the round in which it came to them, or another harness to it
   */
  record Serving(String variant, SortedSet<String> clusters, String harness, int since) {
    Serving {
      clusters = Collections.unmodifiableSortedSet(new TreeSet<>(clusters));
    }
  }

  /**
   * A lever was taken out.
   *
   * @param decision which, and what it was seen to do
   */
  record TakenBack(int number, int round, String harness, Decision.Reverted decision)
      implements Version {}

  /**
   * A bundle that did not ship.
   *
   * @param levers its changes, with what was known of them
   * @param check what it failed at first
   * @param proof the pairs behind it, null if it did not come to that
   */
  record Rejection(
      int round,
      String candidate,
      List<String> changes,
      List<LeverEffect> levers,
      String check,
      String reason,
      @Nullable Proof proof) {}

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

  /** The variants beside the default at the end. */
  List<Serving> serving() {
    return List.copyOf(serving.values());
  }

  long shipped() {
    return versions.stream().filter(Shipped.class::isInstance).count();
  }

  /** What is known of every lever by the end, and from how many episodes. */
  List<LeverEffect> levers() {
    return levers;
  }

  /** What evolution saw, by round. */
  NavigableMap<Integer, LandscapeSummary> landscapes() {
    return Collections.unmodifiableNavigableMap(landscapes);
  }

  int screened() {
    return screened;
  }

  /** What became of a bundle's predictions. */
  List<Decision.Scored> scored(String candidate) {
    return scoredByCandidate.getOrDefault(candidate, List.of());
  }

  private void add(LedgerEntry entry) {
    int round = entry.round();
    switch (entry.kind()) {
      case "digested" -> {
        if (entry.payload().has("landscape")) { // runs of earlier builds have none
          landscapes.put(round, read(entry, Decision.Digested.class).landscape());
        }
      }
      case "screened" -> {
        Decision.Screened now = read(entry, Decision.Screened.class);
        levers = now.levers();
        screened = now.remembered();
      }
      case "bundled" -> {
        Decision.Bundled bundled = read(entry, Decision.Bundled.class);
        changesByCandidate.put(bundled.manifest().id(), bundled.manifest().changes());
        leversByCandidate.put(bundled.manifest().id(), bundled.levers());
      }
      case "scored" -> {
        Decision.Scored scored = read(entry, Decision.Scored.class);
        scoredByCandidate.computeIfAbsent(scored.candidate(), key -> new ArrayList<>()).add(scored);
      }
      case "shipped" -> {
        Decision.Shipped shipped = read(entry, Decision.Shipped.class);
        versions.add(
            new Shipped(
                versions.size() + 1,
                round,
                shipped.candidate(),
                shipped.harness(),
                shipped.map(),
                List.of()));
      }
      case "forked" -> fork(round, read(entry, Decision.Forked.class));
      case "retired" -> {
        Decision.Retired retired = read(entry, Decision.Retired.class);
        serving.remove(retired.variant());
        versions.add(new MergedBack(versions.size() + 1, round, retired.to(), retired));
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
      case "declined" -> {
        Decision.Declined declined = read(entry, Decision.Declined.class);
        reject(
            round,
            declined.candidate(),
            "approval",
            "%s said no%s"
                .formatted(declined.by(), declined.note().isEmpty() ? "" : ": " + declined.note()),
            null);
      }
      case "reverted" -> {
        Decision.Reverted reverted = read(entry, Decision.Reverted.class);
        versions.add(new TakenBack(versions.size() + 1, round, reverted.to(), reverted));
        serving.replaceAll(
            (id, one) ->
                one.harness().equals(reverted.from())
                    ? new Serving(id, one.clusters(), reverted.to(), round)
                    : one);
      }
      default -> {
        // Pauses and concerns change no version.
      }
    }
  }

  private void fork(int round, Decision.Forked forked) {
    SortedSet<String> clusters = new TreeSet<>(forked.clusters());
    Serving before = serving.get(forked.variant());
    if (before != null) {
      clusters.addAll(before.clusters());
    }
    serving.replaceAll(
        (id, one) -> {
          SortedSet<String> left = new TreeSet<>(one.clusters());
          left.removeAll(clusters);
          return new Serving(id, left, one.harness(), one.since());
        });
    serving.values().removeIf(one -> one.clusters().isEmpty());
    if (!forked.variant().equals(VariantPool.DEFAULT)) {
      serving.put(
          forked.variant(), new Serving(forked.variant(), clusters, forked.harness(), round));
    }
    versions.add(
        new Shipped(
            versions.size() + 1,
            round,
            forked.candidate(),
            forked.harness(),
            forked.map(),
            forked.clusters()));
  }

  private void reject(
      int round, String candidate, String check, String reason, @Nullable Proof proof) {
    rejections.add(
        new Rejection(
            round,
            candidate,
            changesByCandidate.getOrDefault(candidate, List.of()),
            leversByCandidate.getOrDefault(candidate, List.of()),
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
