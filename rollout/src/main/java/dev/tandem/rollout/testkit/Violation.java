package dev.tandem.rollout.testkit;

/**
 * Something that a family promises and does not keep.
 *
 * @param check which check found it
 * @param sentence what is wrong and where, in one sentence
 */
public record Violation(String check, String sentence) {
  @Override
  public String toString() {
    return check + ": " + sentence;
  }
}
