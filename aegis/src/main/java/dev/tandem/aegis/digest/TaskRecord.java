package dev.tandem.aegis.digest;

/** How a task went in a round under the harness that was the incumbent then. */
public record TaskRecord(int round, int successes, int attempts) {
  public TaskRecord {
    if (attempts < 1 || successes < 0 || successes > attempts) {
      throw new IllegalArgumentException(
          "a task record needs at least 1 attempt and 0 to that many successes, had %d of %d"
              .formatted(successes, attempts));
    }
  }
}
