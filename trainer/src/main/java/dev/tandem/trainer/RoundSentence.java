package dev.tandem.trainer;

import dev.tandem.aegis.Decision;
import dev.tandem.aegis.Verdict;
import dev.tandem.aegis.evolve.Candidate;
import dev.tandem.trainer.run.RoundMetrics;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A round in one line for people. */
final class RoundSentence {
  private RoundSentence() {}

  /**
   * @param tried the edit that the decisions are about, null for none
   */
  static String of(RoundMetrics metrics, List<Decision> decisions, @Nullable Candidate tried) {
    StringBuilder line = new StringBuilder("round %d:".formatted(metrics.round()));
    if (metrics.rollout() != null) {
      line.append(" train %s".formatted(percent(metrics.rollout().trainSuccess())));
    }
    if (metrics.gate() != null) {
      line.append(", gate %s".formatted(percent(metrics.gate().success())));
    }
    if (metrics.sealed() != null) {
      line.append(", sealed %s".formatted(percent(metrics.sealed().success())));
    }
    if (metrics.learning() != null) {
      line.append(
          String.format(
              Locale.ROOT,
              ", KL %.4f, entropy %.3f",
              metrics.learning().klReference(),
              metrics.learning().entropy()));
    }
    for (Decision decision : decisions) {
      if (isNews(decision)) {
        line.append("\n  ").append(withItsChanges(decision.line(), tried));
      }
    }
    return line.toString();
  }

  /** A line that names the edit by its id alone also says what it changes. */
  private static String withItsChanges(String line, @Nullable Candidate tried) {
    if (tried == null || !line.startsWith(tried.id() + " is ")) {
      return line;
    }
    return "%s (%s)%s"
        .formatted(
            tried.id(),
            String.join("; ", tried.manifest().changes()),
            line.substring(tried.id().length()));
  }

  /** What changes the harness or says why it does not; the rest is in the ledger. */
  private static boolean isNews(Decision decision) {
    return Verdict.of(decision).isPresent()
        || decision instanceof Decision.Concerned
        || decision instanceof Decision.Refused
        || decision instanceof Decision.Awaiting;
  }

  private static String percent(double rate) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * rate);
  }
}
