package dev.tandem.aegis;

import dev.tandem.aegis.evolve.Candidate;
import dev.tandem.aegis.oversight.Risk;

/**
 * An edit that has passed the gate and waits for a person.
 *
 * @param harness content hash of the edited harness
 * @param risk why it waits
 * @param map what is known for it
 */
public record Waiting(Candidate candidate, String harness, Risk risk, LogicMap map) {
  public String id() {
    return candidate.id();
  }
}
