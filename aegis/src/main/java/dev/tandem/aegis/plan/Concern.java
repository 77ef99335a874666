package dev.tandem.aegis.plan;

import dev.tandem.aegis.screen.Lever;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Something that a later stage held against levers, so that the planner hears of it.
 *
 * @param round in which it said so
 * @param levers that it is about, sorted
 */
public record Concern(int round, Source source, List<Lever> levers, String reason)
    implements Comparable<Concern> {
  private static final Comparator<Concern> ORDER =
      Comparator.comparingInt(Concern::round)
          .thenComparing(Concern::source)
          .thenComparing(concern -> concern.levers.toString())
          .thenComparing(Concern::reason);

  /** Who said so. */
  public enum Source {
    CRITIC,
    GATE
  }

  public Concern {
    levers = levers.stream().sorted().distinct().toList();
  }

  /** The same without some of its levers. */
  Concern without(Collection<Lever> settled) {
    return new Concern(
        round, source, levers.stream().filter(one -> !settled.contains(one)).toList(), reason);
  }

  /** Whether another one says the same, then or now. */
  boolean says(Concern other) {
    return source == other.source && levers.equals(other.levers);
  }

  @Override
  public int compareTo(Concern other) {
    return ORDER.compare(this, other);
  }
}
