package dev.tandem.harness.value;

import java.util.List;

/** A harness configuration or edit that cannot be used, with everything that is wrong with it. */
public final class HarnessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // List.copyOf gives a serialisable list of strings
  private final List<String> problems;

  public HarnessException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  public HarnessException(String problem) {
    this(List.of(problem));
  }

  /** Every problem found, one sentence each, never empty. */
  public List<String> problems() {
    return problems;
  }

  public static void throwIfAny(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new HarnessException(problems);
    }
  }
}
