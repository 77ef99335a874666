package dev.tandem.aegis.evolve;

import dev.tandem.aegis.critique.Prediction;
import dev.tandem.aegis.digest.Anchor;
import java.util.List;

/**
 * What a bundle claims, before it is tested, so that it can be held to it.
 *
 * @param id unique within a run, such as {@code r0003-1}
 * @param buckets the parts of the harness it touches
 * @param capability what it is meant to make possible, in one sentence
 * @param addressed how many tasks' failures it is meant to cure, each counted by these failures'
 *     share in it
 * @param evidence where what it is meant to cure happened; empty if nothing of it was seen
 * @param changes its semantic diff
 * @param predictions what it will do, overall and by cluster
 * @param signatures how to tell that its parts acted
 */
public record Manifest(
    String id,
    List<Bucket> buckets,
    String capability,
    double addressed,
    List<Anchor> evidence,
    List<String> changes,
    List<Prediction> predictions,
    List<Signature> signatures) {
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
    predictions = List.copyOf(predictions);
    signatures = List.copyOf(signatures);
  }
}
