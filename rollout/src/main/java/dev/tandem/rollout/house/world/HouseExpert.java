package dev.tandem.rollout.house.world;

import dev.tandem.harness.event.Observation;
import dev.tandem.rollout.house.world.HouseFacts.Access;
import dev.tandem.rollout.house.world.HouseFacts.Place;
import dev.tandem.rollout.spi.Expert;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Searches the places one after the other as the house lists them, remembers what it has seen, and
 * then does what the goal says. It knows only what it was shown, so that what it does can be
 * learnt: where to search next from the list of places not searched yet, and from nothing less. It
 * does not know where things are likely to be; who learns that is the better for it.
 */
public final class HouseExpert implements Expert {
  private final Goal goal;

  /** Places by their names as they were seen last, the most recently seen first. */
  private final SequencedMap<String, Place> searched = new LinkedHashMap<>();

  private final Set<String> treatedThings = new HashSet<>();
  private HouseFacts now;

  public HouseExpert(Goal goal, Observation first) {
    this.goal = goal;
    this.now = HouseFacts.of(first);
  }

  @Override
  public void observe(Observation observation) {
    now = HouseFacts.of(observation);
    now.here()
        .filter(Place::isSearchable)
        .ifPresent(place -> searched.putFirst(place.name(), place));
    for (Treatment treatment : Treatment.values()) {
      String sentence = "you " + treatment.verb() + " ";
      if (observation.effective() && observation.text().startsWith(sentence)) {
        treatedThings.add(
            observation.text().substring(sentence.length(), observation.text().length() - 2));
      }
    }
  }

  @Override
  public Move act() {
    return Move.say(command());
  }

  private String command() {
    Optional<String> held = now.holding().stream().findFirst();
    if (held.isPresent()) {
      return isWanted(held.get()) ? useHeld(held.get()) : putDown(held.get());
    }
    return findThing(goal.thing().word())
        .map(
            place ->
                at(place).orElseGet(() -> "take " + wantedHere().orElseThrow() + " from " + place))
        .orElseGet(this::search);
  }

  private boolean isWanted(String thing) {
    return goal.thing().isKindOf(thing);
  }

  /** The held thing is the wanted one: treat it, light it or place it. */
  private String useHeld(String held) {
    return switch (goal) {
      case Goal.Place place -> {
        Optional<Treatment> missing =
            place.treatment().filter(treatment -> !treatedThings.contains(held));
        yield missing
            .map(
                treatment -> {
                  String appliance = firstOf(treatment.appliance);
                  return isHere(appliance)
                      ? treatment.verb() + " " + held + " with " + appliance
                      : "go to " + appliance;
                })
            .orElseGet(() -> place(held, place.target()));
      }
      case Goal.PlaceTwo two -> place(held, two.target());
      case Goal.LookInLight ignored ->
          findThing("lamp").map(place -> at(place).orElse("use lamp 1")).orElseGet(this::search);
    };
  }

  private String place(String held, Receptacle target) {
    String place =
        now.here().map(Place::name).filter(target::isKindOf).orElseGet(() -> firstOf(target));
    return at(place).orElseGet(() -> "put " + held + " " + target.preposition() + " " + place);
  }

  /**
   * An unwanted thing is in the way: it goes down here, or on the first place that is always open.
   */
  private String putDown(String held) {
    String place =
        now.here().filter(Place::isSearchable).map(Place::name).orElse(firstOf(Receptacle.TABLE));
    return at(place).orElseGet(() -> "put " + held + " " + prepositionOf(place) + " " + place);
  }

  /**
   * The way to a place: go there, open it; empty when the agent stands before it and it is open.
   */
  private Optional<String> at(String place) {
    if (!isHere(place)) {
      return Optional.of("go to " + place);
    }
    return now.here().orElseThrow().access() == Access.CLOSED
        ? Optional.of("open " + place)
        : Optional.empty();
  }

  private boolean isHere(String place) {
    return now.here().map(here -> here.name().equals(place)).orElse(false);
  }

  /**
   * Where things of this kind were last seen, not counting those already where they are wanted: the
   * place most recently seen, so the one before the agent if there is one there.
   */
  private Optional<String> findThing(String kind) {
    boolean wanted = kind.equals(goal.thing().word());
    return searched.values().stream()
        .filter(place -> place.contents().stream().anyMatch(thing -> kindOf(thing).equals(kind)))
        .map(Place::name)
        .filter(place -> !(wanted && goal.isServedAt(place)))
        .findFirst();
  }

  private Optional<String> wantedHere() {
    return now.here().orElseThrow().contents().stream().filter(this::isWanted).findFirst();
  }

  /** The next place not searched yet; the one before the agent first if it is only closed. */
  private String search() {
    return now.places().stream()
        .filter(place -> !searched.containsKey(place))
        .min(Comparator.comparingInt(place -> isHere(place) ? 0 : 1))
        .flatMap(this::at)
        .orElse("go to " + now.places().getLast());
  }

  /** The place of this kind that every house has. */
  private static String firstOf(Receptacle kind) {
    return kind.word() + " 1";
  }

  private static String prepositionOf(String place) {
    return Receptacle.valueOf(kindOf(place).toUpperCase(Locale.ROOT)).preposition();
  }

  private static String kindOf(String name) {
    return name.substring(0, name.indexOf(' '));
  }
}
