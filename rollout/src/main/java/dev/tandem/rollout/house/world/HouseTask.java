package dev.tandem.rollout.house.world;

import java.util.List;

/**
 * A house and what is to be done in it.
 *
 * @param places receptacle kind of each place, grouped by kind
 * @param listing place indices in the order in which the house lists its places, which tells
 *     nothing of their kinds or of what is there
 * @param things kind of each movable thing
 * @param positions place index of each thing [things]
 * @param lampPlace place index of the lamp
 */
public record HouseTask(
    Goal goal,
    List<Receptacle> places,
    List<Integer> listing,
    List<Thing> things,
    List<Integer> positions,
    int lampPlace) {
  public HouseTask {
    places = List.copyOf(places);
    listing = List.copyOf(listing);
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

  /** Names of the places as the house lists them. */
  List<String> listedPlaces() {
    return listing.stream().map(this::placeName).toList();
  }

  String placeName(int place) {
    return places.get(place).word() + " " + ordinal(places, place);
  }

  String thingName(int thing) {
    return things.get(thing).word() + " " + ordinal(things, thing);
  }

  /** Everything that defines the task, for its content hash. */
  public String canonicalText() {
    return String.join(
        "|",
        goal.text(),
        places.toString(),
        listing.toString(),
        things.toString(),
        positions.toString(),
        Integer.toString(lampPlace));
  }
}
