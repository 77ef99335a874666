package dev.tandem.rollout.run;

/**
 * Too many infrastructure failures: nothing may be learned from, or decided on, such a round. What
 * there is of it can be stored and reported.
 */
public final class PoisonedRoundException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient RolloutResult result;
  private final boolean hopeless;

  /**
   * @param result with at least one failure
   */
  public PoisonedRoundException(RolloutResult result) {
    super(
        "%d of %d episodes failed for reasons outside the agent, the first with: %s"
            .formatted(
                result.failures().size(), result.planned(), result.failures().getFirst().detail()));
    this.result = result;
    this.hopeless = false;
  }

  /**
   * The acting model's provider hangs, for which all later rounds would fail as well.
   *
   * @param stuck what it did, in a sentence
   */
  PoisonedRoundException(RolloutResult result, String stuck) {
    super(
        "%s, for which %d of %d episodes failed"
            .formatted(stuck, result.failures().size(), result.planned()));
    this.result = result;
    this.hopeless = true;
  }

  /** The same of a round that had played other episodes before these. */
  public PoisonedRoundException after(RolloutResult before) {
    return new PoisonedRoundException(this, before.and(result));
  }

  private PoisonedRoundException(PoisonedRoundException part, RolloutResult whole) {
    super(part.getMessage(), part);
    this.result = whole;
    this.hopeless = part.hopeless;
  }

  /** What became of the episodes. */
  public RolloutResult result() {
    return result;
  }

  /** Whether another round could be no better. */
  public boolean isHopeless() {
    return hopeless;
  }
}
