package dev.tandem.aegis.route;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.harness.config.HarnessConfig;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One harness of a pool.
 *
 * @param id unique within a run; of a fork, the bundle that it began with
 * @param clusters the kinds of task that it serves; none of the default, which serves all others
 * @param assignment its levels of factors
 * @param harness the same as a harness
 */
public record Variant(
    String id, SortedSet<String> clusters, Assignment assignment, HarnessConfig harness) {
  public Variant {
    clusters = Collections.unmodifiableSortedSet(new TreeSet<>(clusters));
  }

  /** The same variant with another harness. */
  public Variant under(Assignment newAssignment, HarnessConfig newHarness) {
    return new Variant(id, clusters, newAssignment, newHarness);
  }
}
