package dev.tandem.aegis.plan;

import dev.tandem.harness.spi.FailureCategory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * How edit families have fared against failure categories, as Beta distributions with a uniform
 * prior.
 *
 * @param entries those that have been tried, by family and category
 */
public record Reputations(List<Entry> entries) {
  public static final Reputations NONE = new Reputations(List.of());

  private static final Comparator<Entry> ORDER =
      Comparator.comparing(Entry::family).thenComparing(Entry::failure);

  public Reputations {
    entries = List.copyOf(entries);
  }

  /** One family's record against one category. */
  public record Entry(EditFamily family, FailureCategory failure, int successes, int failures) {
    public double alpha() {
      return 1.0 + successes;
    }

    public double beta() {
      return 1.0 + failures;
    }

    /** Posterior mean, in (0, 1). */
    public double mean() {
      return alpha() / (alpha() + beta());
    }
  }

  /** The family's record against the category; an even one if there is none. */
  public Entry of(EditFamily family, FailureCategory failure) {
    return entries.stream()
        .filter(entry -> entry.family().equals(family) && entry.failure().equals(failure))
        .findFirst()
        .orElse(new Entry(family, failure, 0, 0));
  }

  /** The record after an edit of the family helped against these categories, or did not. */
  public Reputations after(
      EditFamily family, Collection<FailureCategory> failures, boolean helped) {
    List<Entry> changed =
        new ArrayList<>(
            entries.stream()
                .filter(
                    entry -> !(entry.family().equals(family) && failures.contains(entry.failure())))
                .toList());
    for (FailureCategory failure : failures) {
      Entry old = of(family, failure);
      changed.add(
          new Entry(
              family,
              failure,
              old.successes() + (helped ? 1 : 0),
              old.failures() + (helped ? 0 : 1)));
    }
    changed.sort(ORDER);
    return new Reputations(changed);
  }
}
