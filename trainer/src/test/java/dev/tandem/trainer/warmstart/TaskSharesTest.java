package dev.tandem.trainer.warmstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.value.ArgumentValues;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.rollout.spi.TaskCatalogue;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TaskSharesTest {
  private static TaskCatalogue houses(int tasks) {
    HouseFamily house = new HouseFamily();
    return house
        .configured(ArgumentValues.of("house", house.parameters(), Map.of("tasks", tasks)))
        .tasks();
  }

  @Test
  void whatIsDemonstratedIsNotPlayed() {
    TaskCatalogue endless = new HouseFamily().tasks();
    TaskShares shares = TaskShares.shared(endless, 40, 25);
    assertThat(shares).isEqualTo(new TaskShares(40, 25));
    assertThat(shares.demonstrated(endless))
        .hasSize(25)
        .doesNotContainAnyElementsOf(endless.tasks(Split.TRAIN, 0, shares.played()));
  }

  @Test
  void ofTooFewEachTakesItsPart() {
    TaskCatalogue few = houses(100);
    int there = few.size(Split.TRAIN).orElseThrow();
    TaskShares shares = TaskShares.shared(few, 300, 100);
    assertThat(shares.played() + shares.demonstrated()).isEqualTo(there);
    assertThat(shares.demonstrated()).isEqualTo(Math.round(there / 4.0));
    assertThat(TaskShares.shared(few, 1_000_000, 1).demonstrated()).isEqualTo(1);
    assertThat(TaskShares.shared(few, 1, 1_000_000).played()).isEqualTo(1);
  }

  @Test
  void oneTaskCannotBeShared() {
    TaskCatalogue one = houses(1);
    assertThat(List.of(0, 1)).contains(one.size(Split.TRAIN).orElseThrow());
    assertThatThrownBy(() -> TaskShares.shared(one, 10, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give it more tasks, or the model a checkpoint");
  }
}
