package dev.tandem.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.config.HarnessConfig;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class RunStateTest {
  private static RunState advanced(RunState state) {
    return state.advanced(state.aegis(), 10, List.of());
  }

  @Test
  void countsThePoisonedRoundsAtItsEnd() {
    SuccessRate none = new SuccessRate(0, 1, 0, 1, new TreeMap<>());
    RunState begun = RunState.initial(HarnessConfig.of(), none);
    assertThat(begun.poisonedInARow()).isZero();

    RunState state = advanced(begun.passedOver(3)).passedOver(4).passedOver(5);
    assertThat(state.round()).isEqualTo(4);
    assertThat(state.poisoned()).containsExactly(1, 3, 4);
    assertThat(state.poisonedInARow()).isEqualTo(2);
    assertThat(state.episodes()).isEqualTo(22);
    assertThat(state.aegis()).isEqualTo(begun.aegis());

    assertThat(state.after(1).poisonedInARow()).isEqualTo(2);
    assertThat(advanced(state).poisonedInARow()).isZero();
  }
}
