package dev.tandem.aegis.drift;

import dev.tandem.rollout.Trajectory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Watches a shipped harness for being worse than the one before it, in steps too small for any
 * single comparison. Every episode adds the log-likelihood ratio of "the odds of success have
 * dropped" against "they are what the version before achieved" to a CUSUM, which never falls below
 * 0 (Page, "Continuous inspection schemes", Biometrika 41, 1954; for the average run length:
 * Lorden, Annals of Mathematical Statistics 42, 1971).
 *
 * @param running what the incumbent achieves, as far as is known
 * @param reference what the version before it achieved when it was replaced; null while there is
 *     none to go back to
 * @param cusum evidence for a drop [nats]; stays where it raised the alarm
 */
public record DriftMonitor(SuccessModel running, @Nullable SuccessModel reference, double cusum) {
  /** Has seen nothing. */
  public static final DriftMonitor NEW = new DriftMonitor(SuccessModel.EMPTY, null, 0);

  /** The monitor after a round of the incumbent's episodes. */
  public DriftMonitor observe(List<Trajectory> incumbent, DriftSettings settings) {
    return new DriftMonitor(
        running.after(incumbent),
        reference,
        reference == null ? 0 : accumulate(reference, incumbent, settings));
  }

  private double accumulate(
      SuccessModel before, List<Trajectory> incumbent, DriftSettings settings) {
    double sum = cusum;
    for (Trajectory trajectory : incumbent) {
      if (sum >= settings.threshold()) {
        return sum;
      }
      double expected = before.expected(trajectory.task());
      double odds = settings.oddsRatio() * expected / (1 - expected);
      double dropped = odds / (1 + odds);
      double evidence =
          trajectory.verdict().success()
              ? Math.log(dropped / expected)
              : Math.log((1 - dropped) / (1 - expected));
      sum = Math.max(0, sum + evidence);
    }
    return sum;
  }

  /** Whether the incumbent should be taken back. */
  public boolean alarms(DriftSettings settings) {
    return cusum >= settings.threshold();
  }

  /** A new version is the incumbent; it is held to what the old one achieved. */
  public DriftMonitor afterShip() {
    return new DriftMonitor(running, running, 0);
  }

  /** The version before is the incumbent again. */
  public DriftMonitor afterRevert() {
    return new DriftMonitor(reference == null ? running : reference, null, 0);
  }
}
