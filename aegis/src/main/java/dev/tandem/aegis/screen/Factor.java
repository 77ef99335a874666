package dev.tandem.aegis.screen;

import java.util.HashSet;
import java.util.List;

/**
 * Something about a harness that can be set in several ways: one processor present with these
 * parameters, with others, or absent; or one of several that exclude each other. Levels are
 * absolute and not relative to an incumbent, so that what was learnt of them stays true after a
 * ship.
 *
 * @param id unique within a run
 * @param levels at least two, all different; the first is the reference, usually absence
 */
public record Factor(String id, List<String> levels) {
  public Factor {
    levels = List.copyOf(levels);
    if (id.isBlank()) {
      throw new IllegalArgumentException("a factor needs an id");
    }
    if (levels.size() < 2 || new HashSet<>(levels).size() < levels.size()) {
      throw new IllegalArgumentException(
          "factor %s needs at least two different levels, has %s".formatted(id, levels));
    }
  }

  /** A factor that is off or on. */
  public static Factor toggle(String id) {
    return new Factor(id, List.of("off", "on"));
  }

  /** The level that an assignment which does not mention this factor has. */
  public String reference() {
    return levels.getFirst();
  }
}
