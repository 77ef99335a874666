package dev.tandem.trainer.report;

import dev.tandem.aegis.digest.Anchor;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.store.StoredEpisode;
import dev.tandem.rollout.store.TraceException;
import dev.tandem.rollout.store.TraceQuery;
import dev.tandem.rollout.store.TraceRow;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.run.RunRecords;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The episodes that the page shows: a few, as it is one file. Those that its evidence points at
 * come first; whoever wants to read another one is told the command.
 */
final class EpisodeShelf {
  private static final int MOST = 24;
  private static final int MOST_OF_A_LANDSCAPE = 4;

  private final Map<String, StoredEpisode> shown = new LinkedHashMap<>();
  private final Map<Integer, Pair> won = new HashMap<>();
  private final Map<Integer, Pair> lost = new HashMap<>();
  private @Nullable Comparison comparison;
  private String problem = "";

  private EpisodeShelf() {}

  /** A task under two harnesses or models. */
  record Pair(TraceRow before, TraceRow after) {
    private boolean turned(boolean from, boolean to) {
      return before.success() == from && after.success() == to;
    }

    private int length() {
      return before.steps() + after.steps();
    }
  }

  /**
   * The sealed tasks that were played before the first round and after a later one.
   *
   * @param gained solved after and not before
   * @param forgotten solved before and not after
   * @param task the one that is shown
   */
  record Comparison(
      int round,
      int tasks,
      long gained,
      long forgotten,
      Pair task,
      StoredEpisode before,
      StoredEpisode after) {}

  static EpisodeShelf of(RunData run, HarnessHistory history) {
    EpisodeShelf shelf = new EpisodeShelf();
    if (!Files.isDirectory(run.folder().resolve("traces"))) {
      shelf.problem = "%s has no traces.".formatted(run.folder());
      return shelf;
    }
    try (TraceStore store = TraceStore.openExisting(run.folder())) {
      List<String> problems = new ArrayList<>(store.damage());
      problems.addAll(RunRecords.missingTraces(run.folder()));
      shelf.problem = String.join(" ", problems);
      shelf.compare(store, run.completed());
      shelf.fill(store, run, history);
    } catch (TraceException unreadable) {
      shelf.problem = String.valueOf(unreadable.getMessage());
    }
    return shelf;
  }

  /** What cannot be read; empty if everything can. */
  String problem() {
    return problem;
  }

  Optional<Comparison> comparison() {
    return Optional.ofNullable(comparison);
  }

  /** What evidence points at, in the order of the page. */
  List<StoredEpisode> shown() {
    return List.copyOf(shown.values());
  }

  /** A pair that the edit which the gate judged in a round won. */
  Optional<Pair> won(int round) {
    return Optional.ofNullable(won.get(round));
  }

  /** A pair that it lost. */
  Optional<Pair> lost(int round) {
    return Optional.ofNullable(lost.get(round));
  }

  /** An episode's id as HTML: a link if the page has the episode. */
  String link(String id) {
    return shown.containsKey(id)
        ? "<a href=\"#%s\">%s</a>".formatted(anchor(id), Html.text(id))
        : Html.text(id);
  }

  /** The name of an episode's place on the page. */
  static String anchor(String id) {
    return "episode-" + id.replaceAll("[^A-Za-z0-9-]", "_");
  }

  /** Sealed tasks before and after, and the one that tells most: failed once, then solved. */
  private void compare(TraceStore store, int lastRound) {
    List<TraceRow> all = store.find(TraceQuery.ALL.withPhase(Phase.EVALUATION));
    int round =
        all.stream()
            .mapToInt(TraceRow::round)
            .filter(one -> one > 0 && one <= lastRound)
            .max()
            .orElse(-1);
    List<Pair> pairs =
        paired(
            all.stream().filter(row -> row.round() == 0).toList(),
            all.stream().filter(row -> row.round() == round).toList());
    Optional<Pair> telling =
        shortest(pairs, pair -> pair.turned(false, true))
            .or(() -> shortest(pairs, pair -> pair.turned(true, true)))
            .or(() -> shortest(pairs, pair -> true));
    if (telling.isPresent()) {
      comparison =
          new Comparison(
              round,
              pairs.size(),
              pairs.stream().filter(pair -> pair.turned(false, true)).count(),
              pairs.stream().filter(pair -> pair.turned(true, false)).count(),
              telling.get(),
              store.load(telling.get().before()),
              store.load(telling.get().after()));
    }
  }

  private void fill(TraceStore store, RunData run, HarnessHistory history) {
    List<HarnessHistory.Version> versions = history.versions().reversed();
    for (HarnessHistory.Version version : versions) {
      if (version instanceof HarnessHistory.Shipped shipped) {
        shipped.map().evidence().stream()
            .map(Anchor::trajectory)
            .distinct()
            .limit(1)
            .forEach(id -> add(store, store.find(TraceQuery.ALL.withId(id))));
        addPair(store, run, version.round(), won, pair -> pair.turned(false, true));
      }
    }
    if (!history.landscapes().isEmpty()) {
      history.landscapes().lastEntry().getValue().clusters().stream()
          .map(row -> row.seen().trajectory())
          .distinct()
          .limit(MOST_OF_A_LANDSCAPE)
          .forEach(id -> add(store, store.find(TraceQuery.ALL.withId(id))));
    }
    for (HarnessHistory.Version version : versions) {
      if (version instanceof HarnessHistory.Shipped) {
        addPair(store, run, version.round(), lost, pair -> pair.turned(true, false));
      }
    }
    for (HarnessHistory.Rejection rejection : history.rejections().reversed()) {
      addPair(store, run, rejection.round(), lost, pair -> pair.turned(true, false));
    }
  }

  private void addPair(
      TraceStore store,
      RunData run,
      int round,
      Map<Integer, Pair> byRound,
      Predicate<Pair> wanted) {
    if (shown.size() + 2 > MOST) {
      return;
    }
    shortest(gatePairs(store, run, round), wanted)
        .ifPresent(
            pair -> {
              byRound.put(round, pair);
              add(store, List.of(pair.before(), pair.after()));
            });
  }

  private void add(TraceStore store, List<TraceRow> rows) {
    for (TraceRow row : rows) {
      if (shown.size() < MOST) {
        shown.computeIfAbsent(row.id(), id -> store.load(row));
      }
    }
  }

  private static List<Pair> gatePairs(TraceStore store, RunData run, int round) {
    TraceQuery gate = TraceQuery.ALL.withPhase(Phase.GATE).withRound(round);
    return run.rounds().stream()
        .filter(metrics -> RunData.number(metrics) == round)
        .filter(metrics -> metrics.path("candidate_hash").isTextual())
        .findFirst()
        .map(
            metrics ->
                paired(
                    store.find(gate.withHarness(metrics.path("incumbent_hash").asText())),
                    store.find(gate.withHarness(metrics.path("candidate_hash").asText()))))
        .orElse(List.of());
  }

  /** Episodes of the same task, the first with the first and so on; broken ones have no verdict. */
  private static List<Pair> paired(List<TraceRow> before, List<TraceRow> after) {
    Map<String, List<TraceRow>> unpaired = new HashMap<>();
    after.forEach(row -> unpaired.computeIfAbsent(row.task(), key -> new ArrayList<>()).add(row));
    List<Pair> pairs = new ArrayList<>();
    for (TraceRow row : before) {
      List<TraceRow> others = unpaired.getOrDefault(row.task(), List.of());
      if (!others.isEmpty()) {
        TraceRow other = others.removeFirst();
        if (!row.isBroken() && !other.isBroken()) {
          pairs.add(new Pair(row, other));
        }
      }
    }
    return pairs;
  }

  private static Optional<Pair> shortest(List<Pair> pairs, Predicate<Pair> wanted) {
    return pairs.stream().filter(wanted).min(Comparator.comparingInt(Pair::length));
  }
}
