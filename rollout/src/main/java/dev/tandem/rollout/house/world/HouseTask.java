package dev.tandem.rollout.house.world;

import java.util.List;

/**
 * A house and what is to be done in it.
 *
 * @param places receptacle kind of each place, grouped by kind
 * @param things kind of each movable thing
 * @param positions place index of each thing [things]
 * @param lampPlace place index of the lamp
 */
public record HouseTask(
    Goal goal,
    List<Receptacle> places,
    List<Thing> things,
    List<Integer> positions,
    int lampPlace) {
  public HouseTask {
    places = List.copyOf(places);
    things = List.copyOf(things);
    positions = List.copyOf(positions);
  }

  /** Number of item {@code index} among the items before it of the same kind, from 1. */
  private static <T> int ordinal(List<T> kinds, int index) {
    int ordinal = 1;
    for (int i = 0; i < index; i++) {
      if (kinds.get(i).equals(kinds.get(index))) {
        ordinal++;
      }
    }
    return ordinal;
  }

  String placeName(int place) {
    return places.get(place).word() + " " + ordinal(places, place);
  }

  String thingName(int thing) {
    return things.get(thing).word() + " " + ordinal(things, thing);
  }

  /** Everything that defines the task, for its content hash. */
  public String canonicalText() {
    return goal.text() + "|" + places + "|" + things + "|" + positions + "|" + lampPlace;
  }
}
