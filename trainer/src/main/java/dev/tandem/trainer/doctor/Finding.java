package dev.tandem.trainer.doctor;

/**
 * One line of the report.
 *
 * @param name what was looked for
 * @param required whether training is impossible without it
 * @param detail what was found
 * @param remedy what to do about it; empty when there is nothing to do
 */
public record Finding(String name, State state, boolean required, String detail, String remedy) {
  /** How it stands. */
  public enum State {
    FOUND("found"),
    MISSING("missing"),
    TOO_OLD("too old");

    private final String text;

    State(String text) {
      this.text = text;
    }

    /** As the report writes it. */
    public String text() {
      return text;
    }
  }

  static Finding found(String name, String detail) {
    return new Finding(name, State.FOUND, false, detail, "");
  }

  static Finding missing(String name, String detail, String remedy) {
    return new Finding(name, State.MISSING, false, detail, remedy);
  }

  static Finding tooOld(String name, String detail, String remedy) {
    return new Finding(name, State.TOO_OLD, false, detail, remedy);
  }

  Finding needed() {
    return new Finding(name, state, true, detail, remedy);
  }

  /** Whether training cannot run because of it. */
  public boolean blocks() {
    return required && state != State.FOUND;
  }
}
