package dev.tandem.rollout.house;

import dev.tandem.rollout.spi.Environment;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Everything that changes in a house.
 *
 * @param agentPlace place index, or -1 in the middle of the room
 * @param open per place whether it stands open [places]
 * @param thingPlace per thing its place index, or {@link #HELD} [things]
 * @param treated per thing what has been done to it [things]
 * @param litThing thing that was held under the lit lamp, or -1
 */
record HouseState(
    int agentPlace,
    List<Boolean> open,
    List<Integer> thingPlace,
    List<Set<Treatment>> treated,
    int litThing)
    implements Environment.Snapshot {
  static final int HELD = -1;
  static final int NOWHERE = -1;

  HouseState {
    open = List.copyOf(open);
    thingPlace = List.copyOf(thingPlace);
    treated = List.copyOf(treated);
  }

  static HouseState initial(HouseTask task) {
    return new HouseState(
        NOWHERE,
        task.places().stream().map(kind -> !kind.openable).toList(),
        task.positions(),
        task.things().stream()
            .<Set<Treatment>>map(thing -> EnumSet.noneOf(Treatment.class))
            .toList(),
        NOWHERE);
  }

  /** Index of the thing in the agent's hand, or -1. */
  int held() {
    return thingPlace.indexOf(HELD);
  }
}
