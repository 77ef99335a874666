package dev.tandem.trainer.report;

import dev.tandem.aegis.LedgerStory;
import dev.tandem.aegis.ledger.LedgerEntry;
import java.util.List;
import java.util.Set;

/** The ledger in sentences: first what needed a person or was not allowed, then all of it. */
final class DecisionSection {
  /** Kinds of entries that neither change a version nor are a rejection by the gate. */
  private static final Set<String> APART =
      Set.of("refused", "awaiting", "approved", "declined", "concerned");

  private final List<LedgerEntry> ledger;

  DecisionSection(List<LedgerEntry> ledger) {
    this.ledger = ledger;
  }

  String html() {
    if (ledger.isEmpty()) {
      return "";
    }
    List<String> sentences = LedgerStory.tell(ledger);
    StringBuilder apart = new StringBuilder();
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < sentences.size(); i++) {
      String item = "<li>%s</li>".formatted(Html.text(sentences.get(i)));
      all.append(item);
      if (APART.contains(ledger.get(i).kind())) {
        apart.append(item);
      }
    }
    return """
    <section>
    <h2>Decisions</h2>
    <p class="note">What was refused before it played, waited for a person, was approved or declined, and what raised a concern.</p>
    %s
    <details class="panel numbers"><summary>All %d decisions, a sentence each</summary><ul class="list story">%s</ul></details>
    </section>
    """
        .formatted(
            apart.isEmpty()
                ? "<div class=\"panel empty\">None.</div>"
                : "<ul class=\"panel notes\">%s</ul>".formatted(apart),
            sentences.size(),
            all);
  }
}
