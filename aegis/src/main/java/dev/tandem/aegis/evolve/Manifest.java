package dev.tandem.aegis.evolve;

import dev.tandem.aegis.digest.Anchor;
import java.util.List;

/**
 * What a candidate claims, before it is tried, so that it can be held to it.
 *
 * @param id unique within a run, such as {@code r0003-1}
 * @param buckets the parts of the harness it touches
 * @param capability what it is meant to make possible, in one sentence
 * @param evidence where what it is meant to cure happened
 * @param changes its semantic diff
 * @param predictedUnlock tasks that failed and should now be solved
 * @param predictedStabilise tasks that were solved at times and should be more often
 * @param atRisk solved tasks that it might harm
 * @param signature how to tell that it acted
 */
public record Manifest(
    String id,
    List<Bucket> buckets,
    String capability,
    List<Anchor> evidence,
    List<String> changes,
    List<String> predictedUnlock,
    List<String> predictedStabilise,
    List<String> atRisk,
    Signature signature) {
  /** Parts of a harness that an edit may touch. */
  public enum Bucket {
    PROMPT,
    TOOLS,
    CONFIG,
    PROCESSOR
  }

  public Manifest {
    buckets = List.copyOf(buckets);
    evidence = List.copyOf(evidence);
    changes = List.copyOf(changes);
    predictedUnlock = List.copyOf(predictedUnlock);
    predictedStabilise = List.copyOf(predictedStabilise);
    atRisk = List.copyOf(atRisk);
  }
}
