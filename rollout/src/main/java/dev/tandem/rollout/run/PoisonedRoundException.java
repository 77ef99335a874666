package dev.tandem.rollout.run;

/** Too many infrastructure failures: nothing may be learned from, or decided on, such a round. */
public final class PoisonedRoundException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PoisonedRoundException(int failed, int total, String detail) {
    super(
        "%d of %d episodes failed for reasons outside the agent, the first with: %s"
            .formatted(failed, total, detail));
  }
}
