package dev.tandem.rollout.house.world;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What can be done in a state of a house, and what comes of it: pure functions over {@link
 * HouseState}.
 */
final class HouseRules {
  private HouseRules() {}

  /**
   * A command that would be carried out.
   *
   * @param feedback the environment's sentence about it
   * @param result the state after it
   */
  record Command(String text, String feedback, Supplier<HouseState> result) {}

  /** Every command that changes something now: go, open and close, take and put, treat, use. */
  static List<Command> admissible(HouseTask task, HouseState state) {
    List<Command> commands = new ArrayList<>();
    for (int place = 0; place < task.places().size(); place++) {
      if (place != state.agentPlace()) {
        int to = place;
        String name = task.placeName(place);
        commands.add(
            new Command("go to " + name, "you go to " + name + " .", () -> withAgent(state, to)));
      }
    }
    if (state.agentPlace() == HouseState.NOWHERE) {
      return commands;
    }
    int here = state.agentPlace();
    Receptacle kind = task.places().get(here);
    String hereName = task.placeName(here);
    boolean open = state.open().get(here);
    if (kind.openable) {
      String verb = open ? "close" : "open";
      commands.add(
          new Command(
              verb + " " + hereName,
              "you " + verb + " " + hereName + " .",
              () -> withOpen(state, here, !open)));
    }
    int held = state.held();
    if (held == HouseState.NOWHERE && open) {
      addTakes(task, state, hereName, commands);
    }
    if (held != HouseState.NOWHERE) {
      addUsesOfHeld(task, state, held, hereName, commands);
    }
    if (here == task.lampPlace() && open) {
      commands.add(new Command("use lamp 1", "you use lamp 1 .", () -> withLit(state, held)));
    }
    return commands;
  }

  private static void addTakes(
      HouseTask task, HouseState state, String hereName, List<Command> commands) {
    for (int thing = 0; thing < task.things().size(); thing++) {
      if (state.thingPlace().get(thing) == state.agentPlace()) {
        int taken = thing;
        String name = task.thingName(thing);
        commands.add(
            new Command(
                "take " + name + " from " + hereName,
                "you take " + name + " .",
                () -> withThing(state, taken, HouseState.HELD)));
      }
    }
  }

  private static void addUsesOfHeld(
      HouseTask task, HouseState state, int held, String hereName, List<Command> commands) {
    int here = state.agentPlace();
    Receptacle kind = task.places().get(here);
    String name = task.thingName(held);
    if (state.open().get(here)) {
      commands.add(
          new Command(
              "put " + name + " " + kind.preposition() + " " + hereName,
              "you put " + name + " " + kind.preposition() + " " + hereName + " .",
              () -> withThing(state, held, here)));
    }
    for (Treatment treatment : Treatment.values()) {
      if (treatment.appliance == kind && task.things().get(held).treatments.contains(treatment)) {
        commands.add(
            new Command(
                treatment.verb() + " " + name + " with " + hereName,
                "you " + treatment.verb() + " " + name + " .",
                () -> withTreatment(state, held, treatment)));
      }
    }
  }

  /** Whether the goal holds. */
  static boolean isSolved(HouseTask task, HouseState state) {
    return switch (task.goal()) {
      case Goal.Place place -> placed(task, state, place) >= 1;
      case Goal.PlaceTwo two -> atTarget(task, state, two.thing(), two.target()).size() >= 2;
      case Goal.LookInLight look ->
          state.litThing() != HouseState.NOWHERE
              && task.things().get(state.litThing()) == look.thing();
    };
  }

  private static long placed(HouseTask task, HouseState state, Goal.Place place) {
    return atTarget(task, state, place.thing(), place.target()).stream()
        .filter(thing -> place.treatment().map(state.treated().get(thing)::contains).orElse(true))
        .count();
  }

  /** Indices of the things of a kind that lie at a place of a kind. */
  static List<Integer> atTarget(HouseTask task, HouseState state, Thing kind, Receptacle target) {
    List<Integer> found = new ArrayList<>();
    for (int thing = 0; thing < task.things().size(); thing++) {
      int place = state.thingPlace().get(thing);
      if (task.things().get(thing) == kind
          && place != HouseState.HELD
          && task.places().get(place) == target) {
        found.add(thing);
      }
    }
    return found;
  }

  private static HouseState withAgent(HouseState state, int place) {
    return new HouseState(
        place, state.open(), state.thingPlace(), state.treated(), state.litThing());
  }

  private static HouseState withOpen(HouseState state, int place, boolean open) {
    return new HouseState(
        state.agentPlace(),
        replaced(state.open(), place, open),
        state.thingPlace(),
        state.treated(),
        state.litThing());
  }

  private static HouseState withThing(HouseState state, int thing, int place) {
    return new HouseState(
        state.agentPlace(),
        state.open(),
        replaced(state.thingPlace(), thing, place),
        state.treated(),
        state.litThing());
  }

  private static HouseState withTreatment(HouseState state, int thing, Treatment treatment) {
    Set<Treatment> treated = EnumSet.of(treatment);
    treated.addAll(state.treated().get(thing));
    return new HouseState(
        state.agentPlace(),
        state.open(),
        state.thingPlace(),
        replaced(state.treated(), thing, treated),
        state.litThing());
  }

  private static HouseState withLit(HouseState state, int held) {
    return new HouseState(
        state.agentPlace(), state.open(), state.thingPlace(), state.treated(), held);
  }

  private static <T> List<T> replaced(List<T> list, int index, T value) {
    List<T> changed = new ArrayList<>(list);
    changed.set(index, value);
    return changed;
  }
}
