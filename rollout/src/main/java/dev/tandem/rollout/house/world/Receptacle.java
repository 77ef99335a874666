package dev.tandem.rollout.house.world;

import java.util.Locale;

/** Kinds of places that hold things. */
public enum Receptacle {
  CABINET(1, 3, true),
  DRAWER(1, 3, true),
  SHELF(1, 2, false),
  COUNTERTOP(1, 2, false),
  TABLE(1, 1, false),
  DESK(1, 1, false),
  BED(1, 1, false),
  SINKBASIN(1, 1, false),
  MICROWAVE(1, 1, true),
  FRIDGE(1, 1, true);

  /** Fewest and most of this kind in one house. */
  final int fewest;

  final int most;

  /** Whether it starts closed and must be opened to see inside. */
  final boolean openable;

  Receptacle(int fewest, int most, boolean openable) {
    this.fewest = fewest;
    this.most = most;
    this.openable = openable;
  }

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether the place's name, such as {@code shelf 2}, is of this kind. */
  boolean isKindOf(String place) {
    return place.startsWith(word() + " ");
  }

  /**
   * The word between thing and place: things are put in closed places and basins, on the others.
   */
  public String preposition() {
    return openable || this == SINKBASIN ? "in" : "on";
  }
}
