package dev.tandem.aegis;

import java.util.List;

/**
 * A round's outcome.
 *
 * @param next the state to go on from; its incumbent and challenger are what the next round rolls
 *     out
 * @param decisions what was decided, in order, as it stands in the ledger
 */
public record AegisResult(AegisState next, List<Decision> decisions) {
  public AegisResult {
    decisions = List.copyOf(decisions);
  }
}
