package dev.tandem.trainer.run;

import dev.tandem.aegis.AegisState;
import dev.tandem.aegis.Decision;
import dev.tandem.harness.config.HarnessConfig;
import java.util.List;

/**
 * What a run knows between two rounds, besides the weights and the optimiser's moments: with them,
 * all that resuming needs.
 *
 * @param round rounds completed; 0 after the warm start
 * @param aegis the harness and what evolution remembers
 * @param start success on the sealed split before the first round
 * @param episodes rollouts so far, the gate's included
 * @param shipped edits that the gate has let through
 * @param rejected edits that it has not
 * @param seconds wall time so far
 */
public record RunState(
    int round,
    AegisState aegis,
    SuccessRate start,
    long episodes,
    int shipped,
    int rejected,
    double seconds) {

  /** Before the first round. */
  public static RunState initial(HarnessConfig harness, SuccessRate start) {
    return new RunState(0, AegisState.initial(harness), start, 0, 0, 0, 0);
  }

  /** One round later. */
  public RunState advanced(AegisState evolved, int played, List<Decision> decisions) {
    return new RunState(
        round + 1,
        evolved,
        start,
        episodes + played,
        shipped + count(decisions, Decision.Shipped.class),
        rejected + count(decisions, Decision.Rejected.class),
        seconds);
  }

  /** The same state some seconds later. */
  public RunState after(double moreSeconds) {
    return new RunState(round, aegis, start, episodes, shipped, rejected, seconds + moreSeconds);
  }

  private static int count(List<Decision> decisions, Class<? extends Decision> kind) {
    return (int) decisions.stream().filter(kind::isInstance).count();
  }
}
