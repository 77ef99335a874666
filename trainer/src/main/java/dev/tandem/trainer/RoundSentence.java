package dev.tandem.trainer;

import dev.tandem.aegis.Decision;
import dev.tandem.aegis.Verdict;
import dev.tandem.trainer.run.RoundMetrics;
import java.util.List;
import java.util.Locale;

/** A round in one line for people. */
final class RoundSentence {
  private RoundSentence() {}

  static String of(RoundMetrics metrics, List<Decision> decisions) {
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
      if (metrics.learning().stopped() != null) {
        line.append(
            "\n  stopped after %d of %d steps: %s"
                .formatted(
                    metrics.learning().steps(),
                    metrics.learning().plannedSteps(),
                    metrics.learning().stopped()));
      }
      for (String step : metrics.learning().skipped()) {
        line.append("\n  a step was skipped: ").append(step);
      }
    }
    for (Decision decision : decisions) {
      if (isNews(decision)) {
        line.append("\n  ").append(decision.line());
      }
    }
    return line.toString();
  }

  /** What changes the harness or says why it does not; the rest is in the ledger. */
  private static boolean isNews(Decision decision) {
    return Verdict.of(decision).isPresent()
        || decision instanceof Decision.Proposed
        || decision instanceof Decision.Bundled
        || decision instanceof Decision.Concerned
        || decision instanceof Decision.Retired
        || decision instanceof Decision.Awaiting;
  }

  private static String percent(double rate) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * rate);
  }
}
