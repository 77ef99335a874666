package dev.tandem.rollout.house.failure;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Step;
import dev.tandem.rollout.house.world.HouseFacts;
import dev.tandem.rollout.house.world.HouseFacts.Access;
import dev.tandem.rollout.house.world.HouseFacts.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A tiny household, played by a list of commands: shelves, a desk, a cabinet; everything open. */
final class Playthrough {
  static final String GOAL = "put a mug in the cabinet";

  private static final List<String> PLACES = List.of("shelf 1", "shelf 2", "desk 1", "cabinet 1");

  private final Map<String, List<String>> contents = new TreeMap<>();
  private Optional<String> here = Optional.empty();
  private Optional<String> held = Optional.empty();

  private Playthrough() {
    PLACES.forEach(place -> contents.put(place, new ArrayList<>()));
    at("shelf 1").add("mug 1");
    at("shelf 2").add("book 1");
  }

  /** The steps that these commands make; the mug is on shelf 1, a book on shelf 2. */
  static List<Step> of(String... commands) {
    Playthrough world = new Playthrough();
    List<Step> steps = new ArrayList<>();
    Observation before = world.observe(true);
    for (String command : commands) {
      String state = world.here + " " + world.held + " " + world.contents;
      Observation after = world.act(command, before.commands());
      steps.add(new Step(steps.size(), before, state, command, true, after));
      before = after;
    }
    return steps;
  }

  private List<String> at(String place) {
    return contents.computeIfAbsent(place, name -> new ArrayList<>());
  }

  private Observation act(String command, List<String> admissible) {
    if (!admissible.contains(command)) {
      return observe(false);
    }
    if (command.startsWith("go to ")) {
      here = Optional.of(command.substring("go to ".length()));
    } else if (command.startsWith("take ")) {
      String thing = command.substring("take ".length(), command.indexOf(" from "));
      at(here.orElseThrow()).remove(thing);
      held = Optional.of(thing);
    } else {
      at(here.orElseThrow()).add(held.orElseThrow());
      held = Optional.empty();
    }
    return observe(true);
  }

  private Observation observe(boolean effective) {
    List<String> admissible = new ArrayList<>();
    PLACES.stream()
        .filter(place -> !here.equals(Optional.of(place)))
        .forEach(place -> admissible.add("go to " + place));
    here.ifPresent(
        place -> {
          held.ifPresentOrElse(
              thing -> admissible.add("put " + thing + " on " + place),
              () -> at(place).forEach(thing -> admissible.add("take " + thing + " from " + place)));
        });
    HouseFacts facts =
        new HouseFacts(
            here.map(place -> new Place(place, Access.ALWAYS_OPEN, at(place))),
            PLACES,
            held.stream().toList());
    return new Observation(
        GOAL,
        effective ? "done ." : "nothing happens .",
        facts.facts(),
        effective,
        Optional.of(admissible));
  }
}
