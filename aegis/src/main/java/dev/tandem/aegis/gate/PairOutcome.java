package dev.tandem.aegis.gate;

/** A gate task played under both harnesses with common random numbers. */
public record PairOutcome(String task, String cluster, Outcome incumbent, Outcome candidate) {
  /** How an episode ended. */
  public enum Outcome {
    SOLVED,
    FAILED,
    /** For reasons outside the agent; not judged. */
    BROKEN;

    public static Outcome of(boolean success) {
      return success ? SOLVED : FAILED;
    }
  }

  boolean judged() {
    return incumbent != Outcome.BROKEN && candidate != Outcome.BROKEN;
  }

  boolean won() {
    return incumbent == Outcome.FAILED && candidate == Outcome.SOLVED;
  }

  boolean lost() {
    return incumbent == Outcome.SOLVED && candidate == Outcome.FAILED;
  }

  boolean onlyCandidateBroke() {
    return candidate == Outcome.BROKEN && incumbent != Outcome.BROKEN;
  }

  boolean onlyIncumbentBroke() {
    return incumbent == Outcome.BROKEN && candidate != Outcome.BROKEN;
  }
}
