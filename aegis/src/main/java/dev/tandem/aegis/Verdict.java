package dev.tandem.aegis;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.aegis.ledger.LedgerEntry;
import java.util.List;
import java.util.Optional;

/**
 * What became of a bundle that went to the gate. Whoever counts bundles or lists them, on the
 * console, in a report or in JSON, goes by this: a bundle that was tested has shipped or was
 * rejected, and one that has shipped may be reverted later.
 */
public enum Verdict {
  /** The gate let it through. It counts as shipped for good, whatever comes later. */
  SHIPPED,
  /** The gate or a person refused it. */
  REJECTED,
  /** A lever that had shipped was taken out because it does harm, or games the verifier. */
  REVERTED;

  /** The verdict that a decision pronounces, if it is about an edit's fate. */
  public static Optional<Verdict> of(Decision decision) {
    return switch (decision) {
      case Decision.Shipped _, Decision.Forked _ -> Optional.of(SHIPPED);
      case Decision.Rejected _, Decision.Declined _ -> Optional.of(REJECTED);
      case Decision.Reverted _ -> Optional.of(REVERTED);
      case Decision.Digested _,
          Decision.Proposed _,
          Decision.Refused _,
          Decision.Screened _,
          Decision.Scored _,
          Decision.Concerned _,
          Decision.Bundled _,
          Decision.Bisected _,
          Decision.Awaiting _,
          Decision.Approved _,
          Decision.Retired _,
          Decision.Idle _ ->
          Optional.empty();
    };
  }

  /**
   * The same for an entry of a ledger.
   *
   * @param kind a {@link Decision#kind()}
   * @param payload the decision as JSON
   */
  public static Optional<Verdict> of(String kind, JsonNode payload) {
    return switch (kind) {
      case "shipped", "forked" -> Optional.of(SHIPPED);
      case "rejected", "declined" -> Optional.of(REJECTED);
      case "reverted" -> Optional.of(REVERTED);
      default -> Optional.empty();
    };
  }

  /** How many of the decisions pronounce this. */
  public int count(List<Decision> decisions) {
    return (int)
        decisions.stream().filter(decision -> of(decision).equals(Optional.of(this))).count();
  }

  /** How many entries of a ledger pronounce this. */
  public int countEntries(List<LedgerEntry> entries) {
    return (int)
        entries.stream()
            .filter(entry -> of(entry.kind(), entry.payload()).equals(Optional.of(this)))
            .count();
  }
}
