package dev.tandem.rollout.house.world;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.house.world.HouseFacts.Access;
import dev.tandem.rollout.house.world.HouseFacts.Place;
import dev.tandem.rollout.spi.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One house being played. The task is over when its goal holds; the step limit is the run loop's.
 */
public final class HouseWorld implements Environment {
  private static final String NOTHING_HAPPENS = "nothing happens .";

  private final HouseTask task;
  private final String canonicalTask;
  private final List<String> listedPlaces;
  private HouseState state;
  private List<HouseRules.Command> commands;

  /** Of the state; made when it is asked for. */
  private @Nullable String stateHash;

  public HouseWorld(HouseTask task) {
    this.task = task;
    this.canonicalTask = task.canonicalText();
    this.listedPlaces = task.listedPlaces();
    this.state = HouseState.initial(task);
    this.commands = HouseRules.admissible(task, state);
  }

  @Override
  public Observation reset() {
    enter(HouseState.initial(task));
    return observe("you are in the room .", true);
  }

  @Override
  public Observation act(String command) {
    Optional<HouseRules.Command> known =
        commands.stream().filter(candidate -> candidate.text().equals(command)).findFirst();
    if (known.isEmpty()) {
      return observe(NOTHING_HAPPENS, false);
    }
    enter(known.get().result().get());
    return observe(known.get().feedback(), true);
  }

  @Override
  public boolean isFinished() {
    return HouseRules.isSolved(task, state);
  }

  @Override
  public Optional<String> stateHash() {
    if (stateHash == null) {
      stateHash = ContentHash.sha256(canonicalTask + "|" + state);
    }
    return Optional.of(stateHash);
  }

  @Override
  public Snapshot snapshot() {
    return state;
  }

  @Override
  public void restore(Snapshot snapshot) {
    if (!(snapshot instanceof HouseState earlier)
        || earlier.thingPlace().size() != task.things().size()
        || earlier.open().size() != task.places().size()) {
      throw new IllegalArgumentException("the snapshot is not of this house");
    }
    enter(earlier);
  }

  /**
   * Success is the goal's condition on the final state. The lenient score is the share of the
   * goal's parts that hold: found (a wanted thing was in hand or is in place), treated, placed or
   * lit.
   */
  @Override
  public Verdict verify(Episode episode) {
    boolean success = HouseRules.isSolved(task, state);
    SortedMap<String, Double> components = new TreeMap<>();
    components.put("found", found(episode) ? 1.0 : 0.0);
    switch (task.goal()) {
      case Goal.Place place -> {
        place
            .treatment()
            .ifPresent(
                treatment ->
                    components.put(
                        "treated",
                        things(place.thing())
                                .anyMatch(thing -> state.treated().get(thing).contains(treatment))
                            ? 1.0
                            : 0.0));
        components.put("placed", success ? 1.0 : 0.0);
      }
      case Goal.PlaceTwo two ->
          components.put(
              "placed",
              Math.min(
                  1, HouseRules.atTarget(task, state, two.thing(), two.target()).size() / 2.0));
      case Goal.LookInLight ignored -> components.put("lit", success ? 1.0 : 0.0);
    }
    double lenient =
        components.values().stream().mapToDouble(Double::doubleValue).average().orElse(0);
    return new Verdict(success, success ? 1 : 0, lenient, components, List.of());
  }

  private IntStream things(Thing kind) {
    return IntStream.range(0, task.things().size()).filter(i -> task.things().get(i) == kind);
  }

  private boolean found(Episode episode) {
    String wanted = task.goal().thing().word() + " ";
    return episode.steps().stream()
        .anyMatch(
            step ->
                HouseFacts.of(step.after()).holding().stream()
                    .anyMatch(name -> name.startsWith(wanted)));
  }

  private void enter(HouseState next) {
    state = next;
    stateHash = null;
    commands = HouseRules.admissible(task, next);
  }

  Observation observe(String text, boolean effective) {
    int held = state.held();
    HouseFacts facts =
        new HouseFacts(
            here(),
            listedPlaces,
            held == HouseState.NOWHERE ? List.of() : List.of(task.thingName(held)));
    return new Observation(
        task.goal().text(),
        text,
        facts.facts(),
        effective,
        Optional.of(commands.stream().map(HouseRules.Command::text).toList()));
  }

  private Optional<Place> here() {
    int place = state.agentPlace();
    if (place == HouseState.NOWHERE) {
      return Optional.empty();
    }
    boolean open = state.open().get(place);
    List<String> contents = new ArrayList<>();
    if (open) {
      for (int thing = 0; thing < task.things().size(); thing++) {
        if (state.thingPlace().get(thing) == place) {
          contents.add(task.thingName(thing));
        }
      }
      if (place == task.lampPlace()) {
        contents.add("lamp 1");
      }
    }
    Access access =
        !task.places().get(place).openable
            ? Access.ALWAYS_OPEN
            : open ? Access.OPEN : Access.CLOSED;
    return Optional.of(new Place(task.placeName(place), access, contents));
  }
}
