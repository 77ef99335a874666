package dev.tandem.aegis.ledger;

import java.util.List;
import java.util.Optional;

/**
 * What checking a ledger found.
 *
 * @param entries those before the first broken one
 * @param fault the first thing wrong, and where; empty when the ledger is whole
 */
public record Verification(List<LedgerEntry> entries, Optional<LedgerFault> fault) {
  public Verification {
    entries = List.copyOf(entries);
  }

  public boolean passed() {
    return fault.isEmpty();
  }

  /** Hash of the last good entry; 64 zeros if there is none. */
  public String head() {
    return entries.isEmpty() ? LedgerEntry.NO_HASH : entries.getLast().hash();
  }
}
