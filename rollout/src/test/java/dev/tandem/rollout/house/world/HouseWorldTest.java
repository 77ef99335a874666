package dev.tandem.rollout.house.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.house.world.HouseFacts.Access;
import dev.tandem.rollout.spi.Environment;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HouseWorldTest {
  private static final Episode NO_STEPS =
      new Episode(List.of(), List.of(), List.of(), ExitReason.STEP_BUDGET, "");

  /**
   * A mug in a drawer, to be cleaned and put on the shelf; an apple in the fridge; the lamp on the
   * desk.
   */
  private static HouseWorld house(Goal goal) {
    return new HouseWorld(
        new HouseTask(
            goal,
            List.of(
                Receptacle.DRAWER,
                Receptacle.SHELF,
                Receptacle.DESK,
                Receptacle.SINKBASIN,
                Receptacle.FRIDGE),
            List.of(3, 0, 4, 1, 2),
            List.of(Thing.MUG, Thing.MUG, Thing.APPLE),
            List.of(0, 2, 4),
            2));
  }

  private static final Goal CLEAN_MUG =
      new Goal.Place(Thing.MUG, Receptacle.SHELF, Optional.of(Treatment.CLEAN));

  private static Observation play(HouseWorld world, String... commands) {
    Observation observation = world.reset();
    for (String command : commands) {
      observation = world.act(command);
    }
    return observation;
  }

  @Test
  void aClosedPlaceHidesItsContentsUntilItIsOpened() {
    HouseWorld world = house(CLEAN_MUG);
    Observation closed = play(world, "go to drawer 1");
    assertThat(HouseFacts.of(closed).here().orElseThrow().access()).isEqualTo(Access.CLOSED);
    assertThat(HouseFacts.of(closed).here().orElseThrow().contents()).isEmpty();
    assertThat(closed.commands()).noneMatch(command -> command.startsWith("take"));
    Observation open = world.act("open drawer 1");
    assertThat(HouseFacts.of(open).here().orElseThrow().contents()).containsExactly("mug 1");
  }

  @Test
  void anInadmissibleCommandChangesNothingAndSaysSo() {
    HouseWorld world = house(CLEAN_MUG);
    play(world, "go to drawer 1");
    Optional<String> before = world.stateHash();
    Observation observation = world.act("take mug 1 from drawer 1");
    assertThat(observation.text()).isEqualTo("nothing happens .");
    assertThat(observation.effective()).isFalse();
    assertThat(world.stateHash()).isEqualTo(before);
  }

  @Test
  void aThingMustBeTreatedBeforeItCounts() {
    HouseWorld world = house(CLEAN_MUG);
    play(world, "go to desk 1", "take mug 2 from desk 1", "go to shelf 1", "put mug 2 on shelf 1");
    assertThat(world.isFinished()).isFalse();
    assertThat(world.verify(NO_STEPS).strict()).isZero();
    for (String command :
        List.of(
            "take mug 2 from shelf 1",
            "go to sinkbasin 1",
            "clean mug 2 with sinkbasin 1",
            "go to shelf 1",
            "put mug 2 on shelf 1")) {
      assertThat(world.isFinished()).isFalse();
      world.act(command);
    }
    assertThat(world.isFinished()).isTrue();
    assertThat(world.verify(NO_STEPS).success()).isTrue();
  }

  @Test
  void oneHandHoldsOneThing() {
    HouseWorld world = house(CLEAN_MUG);
    Observation observation =
        play(
            world,
            "go to desk 1",
            "take mug 2 from desk 1",
            "go to drawer 1",
            "open drawer 1",
            "take mug 1 from drawer 1");
    assertThat(observation.effective()).isFalse();
    assertThat(HouseFacts.of(observation).holding()).containsExactly("mug 2");
  }

  @Test
  void twoThingsMustBothBeThere() {
    HouseWorld world = house(new Goal.PlaceTwo(Thing.MUG, Receptacle.SHELF));
    play(world, "go to desk 1", "take mug 2 from desk 1", "go to shelf 1", "put mug 2 on shelf 1");
    assertThat(world.isFinished()).isFalse();
    assertThat(world.verify(NO_STEPS).components()).containsEntry("placed", 0.5);
    world.act("go to drawer 1");
    world.act("open drawer 1");
    world.act("take mug 1 from drawer 1");
    world.act("go to shelf 1");
    world.act("put mug 1 on shelf 1");
    assertThat(world.isFinished()).isTrue();
  }

  @Test
  void aThingIsLookedAtOnlyWhileHeldUnderTheLamp() {
    HouseWorld world = house(new Goal.LookInLight(Thing.APPLE));
    play(world, "go to desk 1", "use lamp 1");
    assertThat(world.isFinished()).isFalse();
    world.act("go to fridge 1");
    world.act("open fridge 1");
    world.act("take apple 1 from fridge 1");
    world.act("go to desk 1");
    world.act("use lamp 1");
    assertThat(world.isFinished()).isTrue();
  }

  @Test
  void theLenientScoreCreditsPartsOfTheGoal() {
    HouseWorld world = house(CLEAN_MUG);
    play(
        world,
        "go to desk 1",
        "take mug 2 from desk 1",
        "go to sinkbasin 1",
        "clean mug 2 with sinkbasin 1");
    Verdict verdict = world.verify(NO_STEPS);
    assertThat(verdict.strict()).isZero();
    assertThat(verdict.components()).containsEntry("treated", 1.0).containsEntry("placed", 0.0);
    assertThat(verdict.lenient()).isBetween(0.3, 0.7);
  }

  @Test
  void goesBackToASnapshotExactly() {
    HouseWorld world = house(CLEAN_MUG);
    play(world, "go to desk 1");
    Environment.Snapshot snapshot = world.snapshot();
    Optional<String> hash = world.stateHash();
    world.act("take mug 2 from desk 1");
    assertThat(world.stateHash()).isNotEqualTo(hash);
    world.restore(snapshot);
    assertThat(world.stateHash()).isEqualTo(hash);
    assertThat(world.act("take mug 2 from desk 1").effective()).isTrue();
  }

  @Test
  void refusesTheSnapshotOfAnotherHouse() {
    HouseWorld other = new HouseWorld(HouseGenerator.generate(0));
    assertThatThrownBy(() -> house(CLEAN_MUG).restore(other.snapshot()))
        .hasMessageContaining("not of this house");
  }
}
