package dev.tandem.aegis.plan;

import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.spi.FailureCategory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What stands from earlier rounds, beside the round's own digest.
 *
 * @param addressed failures that something in force, or a lever in play, is meant to cure
 * @param hitRates by type of change and by lever, in order
 * @param concerns of the last rounds that nothing has settled, oldest first
 */
public record Standing(
    SortedSet<FailureCategory> addressed, List<HitRate> hitRates, List<Concern> concerns) {
  /** Rounds for which a concern is relayed. */
  private static final int ROUNDS = 3;

  public static final Standing NONE = new Standing(new TreeSet<>(), List.of(), List.of());

  public Standing {
    addressed = Collections.unmodifiableSortedSet(new TreeSet<>(addressed));
    hitRates = hitRates.stream().sorted().toList();
    concerns = concerns.stream().sorted().toList();
  }

  /**
   * The concerns that stand after a round: of the last rounds, each once, and none about what has
   * been settled since.
   *
   * @param settled levers that have shipped, or are out
   */
  public static List<Concern> concerns(
      Collection<Concern> before,
      Collection<Concern> raised,
      Collection<Lever> settled,
      int round) {
    List<Concern> standing = new ArrayList<>();
    for (Concern old : before) {
      if (round - old.round() < ROUNDS && raised.stream().noneMatch(old::says)) {
        standing.add(old.without(settled));
      }
    }
    raised.forEach(one -> standing.add(one.without(settled)));
    return standing.stream().filter(one -> !one.levers().isEmpty()).sorted().toList();
  }
}
