package dev.tandem.aegis.critique;

import dev.tandem.aegis.screen.Lever;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Which levers keep shipping without doing what was promised: one that shipped in at least two of
 * the last three rounds, while fewer than two in five of its predictions came true, is blocked.
 *
 * @param ships every ship of a lever, in any order
 */
public record Portfolio(List<Ship> ships) {
  public static final Portfolio EMPTY = new Portfolio(List.of());

  private static final int ROUNDS = 3;
  private static final int SHIPS = 2;

  public Portfolio {
    ships = List.copyOf(ships);
  }

  /**
   * A lever shipped.
   *
   * @param hits how many of its predictions came true
   * @param predictions how many have been scored
   */
  public record Ship(Lever lever, int round, int hits, int predictions) {}

  /** The levers that must not ship in this round. */
  public NavigableSet<Lever> blocked(Collection<Lever> levers, int round) {
    NavigableSet<Lever> blocked = new TreeSet<>();
    levers.stream().filter(lever -> isBlocked(lever, round)).forEach(blocked::add);
    return blocked;
  }

  private boolean isBlocked(Lever lever, int round) {
    List<Ship> recent =
        ships.stream()
            .filter(ship -> ship.lever.equals(lever) && round - ship.round < ROUNDS)
            .toList();
    int hits = recent.stream().mapToInt(Ship::hits).sum();
    int predictions = recent.stream().mapToInt(Ship::predictions).sum();
    // 2/5 in whole numbers, since 0.4 is no binary fraction and the edge must be exact.
    return recent.stream().mapToInt(Ship::round).distinct().count() >= SHIPS
        && 5L * hits < 2L * predictions;
  }
}
