package dev.tandem.benchmarks.harness;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.spi.World;
import dev.tandem.rollout.house.world.HouseFacts;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A world that shows one prepared observation after the other, whatever is done in it. Each is of
 * House's size and in another place, so that no processor sees a repetition.
 */
final class StaticWorld implements World {
  private static final int PLACES = 12;

  private final Scenery scenery;
  private int shown;

  StaticWorld(Scenery scenery) {
    this.scenery = scenery;
  }

  /** The observations, made once. */
  static final class Scenery {
    private final List<Observation> observations;

    Scenery(int steps) {
      observations = IntStream.rangeClosed(0, steps).mapToObj(Scenery::observation).toList();
    }

    private static Observation observation(int step) {
      List<String> places =
          IntStream.rangeClosed(1, PLACES).mapToObj(number -> "cabinet " + number).toList();
      HouseFacts.Place here =
          new HouseFacts.Place(
              "shelf " + (step + 1),
              HouseFacts.Access.ALWAYS_OPEN,
              List.of("mug " + (step + 1), "book 1"));
      return new Observation(
          "put a clean mug in the cabinet .",
          "you go to the " + here.name() + " .",
          new HouseFacts(Optional.of(here), places, List.of("apple 1")).facts(),
          /* effective= */ true,
          Optional.of(places.stream().map(place -> "go to " + place).toList()));
    }
  }

  @Override
  public Observation reset() {
    return scenery.observations.getFirst();
  }

  @Override
  public Observation act(String command) {
    return scenery.observations.get(++shown);
  }

  @Override
  public boolean isFinished() {
    return false;
  }

  @Override
  public Optional<String> stateHash() {
    return Optional.of(scenery.observations.get(shown).text());
  }
}
