package dev.tandem.rollout.house.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class GoalTest {
  @Test
  void whatAGoalSaysIsUnderstood() {
    assertThat(IntStream.range(0, 500).mapToObj(HouseGenerator::generate).map(HouseTask::goal))
        .allSatisfy(goal -> assertThat(Goal.parse(goal.text())).contains(goal));
    assertThat(Goal.parse("put two mug on moon")).isEmpty();
  }

  @Test
  void aThingIsServedWhereItIsWantedUnlessItMustBeTreatedFirst() {
    Goal.Place plain = new Goal.Place(Thing.MUG, Receptacle.SHELF, Optional.empty());
    assertThat(plain.isServedAt("shelf 2")).isTrue();
    assertThat(plain.isServedAt("desk 1")).isFalse();
    assertThat(new Goal.PlaceTwo(Thing.MUG, Receptacle.SHELF).isServedAt("shelf 1")).isTrue();
    assertThat(
            new Goal.Place(Thing.MUG, Receptacle.SHELF, Optional.of(Treatment.CLEAN))
                .isServedAt("shelf 1"))
        .isFalse();
    assertThat(new Goal.LookInLight(Thing.CD).isServedAt("desk 1")).isFalse();
  }
}
