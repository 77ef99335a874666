package dev.tandem.aegis;

import dev.tandem.aegis.critique.Assessment;
import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.evolve.Candidate;
import dev.tandem.aegis.gate.Proof;
import dev.tandem.harness.config.HarnessConfig;
import java.util.List;

/**
 * Why a shipped edit is there, for people who ask later.
 *
 * @param before what was there
 * @param problem what was wrong with it
 * @param failingTasks how many tasks' failures it was to blame for
 * @param evidence where that can be seen
 * @param changes what changes
 * @param trial how the edit did in training episodes
 * @param proof how it did at the gate
 */
public record LogicMap(
    HarnessConfig before,
    String problem,
    double failingTasks,
    List<Anchor> evidence,
    List<String> changes,
    Assessment trial,
    Proof proof) {
  public LogicMap {
    evidence = List.copyOf(evidence);
    changes = List.copyOf(changes);
  }

  static LogicMap of(HarnessConfig before, Candidate candidate, Assessment trial, Proof proof) {
    return new LogicMap(
        before,
        candidate.manifest().capability(),
        candidate.addressed(),
        candidate.manifest().evidence(),
        candidate.manifest().changes(),
        trial,
        proof);
  }
}
