package dev.tandem.trainer.run;

import dev.tandem.aegis.AegisState;
import dev.tandem.aegis.Decision;
import dev.tandem.aegis.Verdict;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.trainer.recipe.RunConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run knows between two rounds, besides the weights and the optimiser's moments: with them,
 * all that resuming needs.
 *
 * @param round rounds completed; 0 after the warm start
 * @param aegis the harness and what evolution remembers
 * @param start success on the sealed split before the first round
 * @param episodes rollouts so far, the gate's included
 * @param shipped edits with the verdict {@link Verdict#SHIPPED}
 * @param rejected edits with the verdict {@link Verdict#REJECTED}
 * @param poisoned rounds that changed nothing, because too many of their episodes failed for
 *     reasons outside the agent; ascending
 * @param seconds wall time so far
 */
public record RunState(
    int round,
    AegisState aegis,
    SuccessRate start,
    long episodes,
    int shipped,
    int rejected,
    List<Integer> poisoned,
    double seconds) {
  public RunState {
    poisoned = List.copyOf(poisoned);
  }

  /** Before the first round. */
  public static RunState initial(HarnessConfig harness, SuccessRate start) {
    return new RunState(0, AegisState.initial(harness), start, 0, 0, 0, List.of(), 0);
  }

  /** One round later. */
  public RunState advanced(AegisState evolved, int played, List<Decision> decisions) {
    return new RunState(
        round + 1,
        evolved,
        start,
        episodes + played,
        shipped + Verdict.SHIPPED.count(decisions),
        rejected + Verdict.REJECTED.count(decisions),
        poisoned,
        seconds);
  }

  /** A person has spoken about an edit, before the next round. */
  public RunState heard(AegisState informed, List<Decision> decisions) {
    return new RunState(
        round,
        informed,
        start,
        episodes,
        shipped + Verdict.SHIPPED.count(decisions),
        rejected + Verdict.REJECTED.count(decisions),
        poisoned,
        seconds);
  }

  /** One round later, which was poisoned. */
  public RunState passedOver(int played) {
    List<Integer> longer = new ArrayList<>(poisoned);
    longer.add(round + 1);
    return new RunState(
        round + 1, aegis, start, episodes + played, shipped, rejected, longer, seconds);
  }

  /** How many of the last rounds were poisoned without one between them that was not. */
  public int poisonedInARow() {
    int length = 0;
    while (poisoned.contains(round - length)) {
      length++;
    }
    return length;
  }

  /** How far a run has got, as a sentence without its full stop. */
  public String progress(RunConfig config) {
    return config.endsAfter(round, episodes)
        ? "all %d rounds are complete".formatted(round)
        : "round %d of %d is complete".formatted(round, config.rounds());
  }

  /** The same state some seconds later. */
  public RunState after(double moreSeconds) {
    return new RunState(
        round, aegis, start, episodes, shipped, rejected, poisoned, seconds + moreSeconds);
  }
}
