package dev.tandem.aegis;

import dev.tandem.aegis.critique.Prediction;
import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.evolve.Manifest;
import dev.tandem.aegis.gate.Proof;
import dev.tandem.harness.config.HarnessConfig;
import java.util.List;

/**
 * Why a shipped bundle is there, for people who ask later.
 *
 * @param before what was there
 * @param problem what was wrong with it
 * @param failingTasks how many tasks' failures it was to blame for
 * @param evidence where that can be seen
 * @param changes what changes
 * @param levers what was tried, on how many episodes, with which effect
 * @param predictions what it was said to do, overall and by cluster
 * @param proof how it did at the gate
 */
public record LogicMap(
    HarnessConfig before,
    String problem,
    double failingTasks,
    List<Anchor> evidence,
    List<String> changes,
    List<LeverEffect> levers,
    List<Prediction> predictions,
    Proof proof) {
  public LogicMap {
    evidence = List.copyOf(evidence);
    changes = List.copyOf(changes);
    levers = List.copyOf(levers);
    predictions = List.copyOf(predictions);
  }

  static LogicMap of(
      HarnessConfig before, Manifest manifest, List<LeverEffect> levers, Proof proof) {
    return new LogicMap(
        before,
        manifest.capability(),
        manifest.addressed(),
        manifest.evidence(),
        manifest.changes(),
        levers,
        manifest.predictions(),
        proof);
  }
}
