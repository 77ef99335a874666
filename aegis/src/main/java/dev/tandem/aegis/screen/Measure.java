package dev.tandem.aegis.screen;

/** What of an arm's episodes a lever may change. */
public enum Measure {
  /** What the verifier says: what evolution is after. */
  SUCCESS,

  /** What a laxer verifier says. */
  LENIENT,

  /** Half of what a laxer verifier says beyond what the verifier says, from 0 to 1. */
  UNMATCHED,

  /** Signs of gaming the verifier. */
  EXPLOITS;

  private static final double THOUSANDTH = 0.001;

  /** The sum over an arm's episodes of a block. */
  double of(Evidence.Outcome outcome) {
    return switch (this) {
      case SUCCESS -> outcome.successes();
      case LENIENT -> THOUSANDTH * outcome.lenient();
      case UNMATCHED ->
          (THOUSANDTH * outcome.lenient() + outcome.attempts()) / 2 - outcome.successes();
      case EXPLOITS -> outcome.exploits();
    };
  }
}
