package dev.tandem.aegis;

import dev.tandem.aegis.oversight.Risk;
import dev.tandem.harness.config.HarnessConfig;

/**
 * A bundle that has passed the gate and waits for a person.
 *
 * @param config the harness that it makes of the incumbent
 * @param harness content hash of that harness
 * @param risk why it waits
 * @param map what is known for it
 */
public record Waiting(
    Shipment bundle, HarnessConfig config, String harness, Risk risk, LogicMap map) {
  public String id() {
    return bundle.id();
  }
}
