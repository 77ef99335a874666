package dev.tandem.trainer.cli;

import dev.tandem.aegis.LedgerProofs;
import dev.tandem.aegis.gate.PlayedBatch;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.store.SegmentName;
import dev.tandem.rollout.store.StoredEpisode;
import dev.tandem.rollout.store.TraceException;
import dev.tandem.rollout.store.TraceQuery;
import dev.tandem.rollout.store.TraceRow;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.plugin.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The proofs of a run's ledger against its store of traces. */
final class StoredProofs {
  private final TraceStore traces;
  private final Set<String> unreadable = new LinkedHashSet<>();
  private long episodes;

  private StoredProofs(TraceStore traces) {
    this.traces = traces;
  }

  /**
   * What was found.
   *
   * @param episodes gate episodes that were read for it
   * @param differences a sentence for each thing that is not as the ledger has it
   */
  record Findings(int proofs, long episodes, List<String> differences) {}

  static Findings check(Path run, List<LedgerEntry> entries) {
    try (TraceStore traces = TraceStore.openExisting(run)) {
      StoredProofs stored = new StoredProofs(traces);
      LedgerProofs.Findings found =
          LedgerProofs.check(
              entries,
              Recipe.said(run.resolve(RunFiles.CONFIG)).aegis().gate(),
              stored::playedWith);
      List<String> all = new ArrayList<>(traces.damage());
      all.addAll(stored.unreadable);
      all.addAll(found.differences());
      return new Findings(found.proofs(), stored.episodes, all);
    }
  }

  private List<StoredEpisode> playedWith(int round, PlayedBatch.Side side) {
    TraceQuery played = TraceQuery.ALL.withPhase(Phase.GATE).withRound(round);
    Optional<SegmentName> segment =
        traces.find(played.withId(side.first())).stream().map(TraceRow::segment).findFirst();
    List<StoredEpisode> found = new ArrayList<>();
    if (segment.isPresent()) {
      try {
        traces.forEach(segment.get(), found::add);
      } catch (TraceException e) {
        unreadable.add(String.valueOf(e.getMessage()));
        return List.of();
      }
    }
    episodes += found.size();
    return found;
  }
}
