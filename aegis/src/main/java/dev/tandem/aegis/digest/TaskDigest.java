package dev.tandem.aegis.digest;

import dev.tandem.harness.spi.FailureCategory;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a round's attempts at one task say.
 *
 * @param task its key
 * @param category its kind of task
 * @param failures where the failed attempts went wrong, by category, the most frequent evidence
 *     being the likeliest reason; empty when no rule explains a failure
 * @param implicated processors of the harness that are meant to cure one of these failures, or
 *     acted where it happened
 * @param active processors that changed something in any attempt
 * @param tightness largest share of the step limit that a successful attempt needed; 0 without one
 * @param history earlier rounds, oldest first
 */
public record TaskDigest(
    String task,
    String category,
    int attempts,
    int successes,
    SortedMap<FailureCategory, List<Anchor>> failures,
    SortedSet<String> implicated,
    SortedSet<String> active,
    double tightness,
    List<TaskRecord> history) {

  /** How a task went, over its attempts. */
  public enum Outcome {
    /** Every attempt succeeded. */
    SOLVED,
    /** Some did. */
    UNSTABLE,
    /** None did. */
    FAILED
  }

  private static final int PROVEN_ATTEMPTS = 4;
  private static final int REGRESSION_ATTEMPTS = 2;

  public TaskDigest {
    SortedMap<FailureCategory, List<Anchor>> copy = new TreeMap<>();
    failures.forEach((failure, anchors) -> copy.put(failure, List.copyOf(anchors)));
    failures = Collections.unmodifiableSortedMap(copy);
    implicated = Collections.unmodifiableSortedSet(new TreeSet<>(implicated));
    active = Collections.unmodifiableSortedSet(new TreeSet<>(active));
    history = List.copyOf(history);
  }

  public Outcome outcome() {
    if (successes == attempts) {
      return Outcome.SOLVED;
    }
    return successes == 0 ? Outcome.FAILED : Outcome.UNSTABLE;
  }

  /** Share of attempts that failed, in [0, 1]. */
  public double failureRate() {
    return 1 - (double) successes / attempts;
  }

  /** The category with the most evidence; of equals the first by its name. */
  public Optional<FailureCategory> primaryFailure() {
    return failures.entrySet().stream()
        .max(
            Comparator.<Map.Entry<FailureCategory, List<Anchor>>>comparingInt(
                    entry -> entry.getValue().size())
                .thenComparing(Map.Entry::getKey, Comparator.reverseOrder()))
        .map(Map.Entry::getKey);
  }

  /** The category's part of the evidence, in [0, 1]; the parts of all categories sum to 1. */
  public double blame(FailureCategory failure) {
    int all = failures.values().stream().mapToInt(List::size).sum();
    return all == 0 ? 0 : failures.getOrDefault(failure, List.of()).size() / (double) all;
  }

  /** Whether any of these categories has a part in the failures. */
  public boolean failsBy(Collection<FailureCategory> categories) {
    return failures.keySet().stream().anyMatch(categories::contains);
  }

  /**
   * Whether a task that was solved in every one of several earlier attempts is now lost. One lost
   * attempt is noise; hence the minimum numbers.
   */
  public boolean regressed() {
    int before = history.stream().mapToInt(TaskRecord::attempts).sum();
    int solved = history.stream().mapToInt(TaskRecord::successes).sum();
    return before >= PROVEN_ATTEMPTS
        && solved == before
        && successes == 0
        && attempts >= REGRESSION_ATTEMPTS;
  }
}
