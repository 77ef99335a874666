package dev.tandem.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.house.HouseFamily;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which tasks a round plays. */
final class RoundTasksTest {
  private static final List<TaskSpec> POOL = new HouseFamily().tasks().tasks(Split.TRAIN, 0, 2000);

  private static List<TaskSpec> tasks(int round) {
    return RoundTasks.draw(POOL, 64, 7, round);
  }

  private static Set<TaskSpec> shared(int one, int other) {
    Set<TaskSpec> shared = new HashSet<>(tasks(one));
    shared.retainAll(tasks(other));
    return shared;
  }

  @Test
  void aQuarterStandsAndIsReplacedSlowly() {
    List<TaskSpec> panel = tasks(1).subList(0, 16);

    assertThat(tasks(2).subList(0, 14)).isEqualTo(panel.subList(2, 16));
    assertThat(shared(1, 5)).hasSizeBetween(8, 12);
    assertThat(shared(1, 40)).hasSizeLessThan(8);
  }

  @Test
  void noTaskComesTwiceInARoundAndTheSameRoundIsTheSame() {
    assertThat(tasks(3)).hasSize(64).doesNotHaveDuplicates().isEqualTo(tasks(3));
  }

  @Test
  void aPoolAsSmallAsARoundIsPlayedWhole() {
    List<TaskSpec> few = POOL.subList(0, 9);

    for (int round = 0; round < 40; round++) {
      assertThat(RoundTasks.draw(few, 64, 7, round)).containsExactlyInAnyOrderElementsOf(few);
    }
  }

  @Test
  void furtherTasksFollowOnThoseThatWerePlayed() {
    List<TaskSpec> all = new ArrayList<>(tasks(3));
    all.addAll(RoundTasks.further(POOL, 64, 7, 3, 64, 10));
    all.addAll(RoundTasks.further(POOL, 64, 7, 3, 74, 20));
    assertThat(all).hasSize(94).doesNotHaveDuplicates();
    assertThat(RoundTasks.further(POOL, 64, 7, 3, 64, 30)).isEqualTo(all.subList(64, 94));
    List<TaskSpec> few = POOL.subList(0, 70);
    assertThat(RoundTasks.further(few, 64, 7, 3, 64, 30)).hasSize(6);
    assertThat(RoundTasks.further(few, 64, 7, 3, 70, 30)).isEmpty();
    assertThat(RoundTasks.further(few, 100, 7, 3, 70, 30)).isEmpty();
  }

  @Test
  void otherSeedsDrawOtherTasks() {
    assertThat(RoundTasks.draw(POOL, 64, 8, 1)).isNotEqualTo(new ArrayList<>(tasks(1)));
  }
}
