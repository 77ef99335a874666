package dev.tandem.trainer;

import dev.tandem.rollout.run.RolloutResult;
import dev.tandem.rollout.spi.FailureTaxonomy;
import dev.tandem.rollout.store.SegmentName;
import dev.tandem.rollout.store.TraceStore;
import java.util.Set;

/**
 * Stores whatever a run plays, under the failure categories that the family's taxonomy finds in it.
 *
 * @param taxonomy what the episodes are searched by later; nothing in the run depends on it
 */
record EpisodeRecord(TraceStore traces, FailureTaxonomy taxonomy) {
  void write(SegmentName segment, RolloutResult played) {
    FailureTaxonomy.Reader reader = taxonomy.over(played.trajectories()::forEach);
    traces.write(
        segment,
        played.trajectories(),
        played.failures(),
        one -> one.verdict().success() ? Set.of() : reader.failures(one).keySet());
  }
}
