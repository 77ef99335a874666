package dev.tandem.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.run.Episode;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SuccessRateTest {
  /**
   * Bounds worked out apart from the code: (s + z^2/2 -+ z sqrt(s (n - s) / n + z^2/4)) / (n +
   * z^2).
   */
  @ParameterizedTest
  @CsvSource({
    "0, 20, 0, 0.161125",
    "20, 20, 0.838875, 1",
    "8, 10, 0.490162, 0.943318",
    "50, 100, 0.403832, 0.596168",
    "1, 1, 0.206549, 1",
    "263, 500, 0.482202, 0.569402"
  })
  void givesWilsonsInterval(int successes, int episodes, double low, double high) {
    SuccessRate rate = SuccessRate.of(successes, episodes, new TreeMap<>());
    assertThat(rate.success()).isEqualTo((double) successes / episodes);
    assertThat(rate.episodes()).isEqualTo(episodes);
    assertThat(rate.low()).isCloseTo(low, within(2e-6));
    assertThat(rate.high()).isCloseTo(high, within(2e-6));
  }

  @Test
  void countsSuccessesPerKindOfTask() {
    SuccessRate rate =
        SuccessRate.of(
            List.of(
                episode("pick", true),
                episode("pick", false),
                episode("cool", true),
                episode("pick", true)));
    assertThat(rate.success()).isEqualTo(0.75);
    assertThat(rate.episodes()).isEqualTo(4);
    assertThat(rate.byFamily())
        .hasSize(2)
        .containsEntry("pick", 2 / 3.0)
        .containsEntry("cool", 1.0);
  }

  @Test
  void needsAnEpisode() {
    assertThatThrownBy(() -> SuccessRate.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a success rate needs at least 1 episode, had 0");
  }

  private static Trajectory episode(String category, boolean success) {
    return new Trajectory(
        "e",
        Phase.EVALUATION,
        0,
        new TaskSpec("house", "1", category, Split.SEALED, "00000008", 10),
        "h",
        "round-0000",
        1,
        new Episode(List.of(), List.of(), List.of(), ExitReason.FINISHED, ""),
        new Verdict(success, success ? 1 : 0, 1, new TreeMap<>(), List.of()));
  }
}
