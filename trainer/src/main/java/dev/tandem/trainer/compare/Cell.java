package dev.tandem.trainer.compare;

/**
 * One run of a comparison.
 *
 * @param condition its name
 */
public record Cell(String condition, long seed) {
  /** As a user names it, such as {@code coevolution/2}. */
  public String name() {
    return condition + "/" + seed;
  }

  /** Its folder in that of the comparison. */
  public String folder() {
    return condition + "-" + seed;
  }
}
