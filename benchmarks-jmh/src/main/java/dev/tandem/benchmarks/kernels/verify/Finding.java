package dev.tandem.benchmarks.kernels.verify;

/**
 * How a case went in one setting.
 *
 * @param operation the operation's name
 * @param detail type, size and what is special
 * @param setting where the arrays lay
 * @param worstShare the largest difference to the oracle as a share of its tolerance
 * @param problem what is wrong, empty when nothing is
 */
public record Finding(
    String operation, String detail, String setting, double worstShare, String problem) {
  /** Whether all is well. */
  public boolean passed() {
    return problem.isEmpty();
  }

  @Override
  public String toString() {
    return "%s, %s, %s: %s".formatted(operation, detail, setting, passed() ? "passed" : problem);
  }
}
