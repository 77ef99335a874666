package dev.tandem.trainer.model.plan;

/**
 * Records that are in memory at once while their gradient is computed.
 *
 * @param rows how many
 * @param length tokens of each
 * @param wanted how many of those are predicted
 */
public record Microbatch(int rows, int length, int wanted) {

  /** Checks the counts. */
  public Microbatch {
    if (rows < 1 || length < 1 || wanted < 1 || wanted > length) {
      throw new IllegalArgumentException(
          "a microbatch needs rows and tokens, of which at most all are predicted; were %d rows of %d, %d predicted"
              .formatted(rows, length, wanted));
    }
  }

  /**
   * So many tokens in records of a length, of which half are predicted, as few as one record.
   *
   * @param tokens most tokens, unless one record has more
   */
  public static Microbatch of(int tokens, int length) {
    return new Microbatch(Math.max(1, tokens / length), length, Math.max(1, length / 2));
  }

  long tokens() {
    return (long) rows * length;
  }

  long predicted() {
    return (long) rows * wanted;
  }
}
