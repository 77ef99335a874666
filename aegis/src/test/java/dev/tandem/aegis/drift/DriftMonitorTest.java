package dev.tandem.aegis.drift;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.TestEpisodes;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.Trajectory;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DriftMonitorTest {
  private static final DriftSettings SETTINGS = DriftSettings.DEFAULTS;

  private static List<Trajectory> round(SplittableRandom random, double chance) {
    return IntStream.range(0, 64)
        .mapToObj(
            i ->
                TestEpisodes.episode(
                    "e" + i,
                    TestEpisodes.task(Split.TRAIN, "place", i % 32),
                    "h",
                    random.nextDouble() < chance,
                    List.of()))
        .toList();
  }

  private static int roundsUntilAlarm(long seed, double before, double after, int most) {
    SplittableRandom random = RandomStreams.stream(seed, "drift");
    DriftMonitor monitor = DriftMonitor.NEW;
    for (int i = 0; i < 4; i++) {
      monitor = monitor.observe(round(random, before), SETTINGS);
    }
    monitor = monitor.afterShip();
    for (int i = 1; i <= most; i++) {
      monitor = monitor.observe(round(random, after), SETTINGS);
      if (monitor.alarms(SETTINGS)) {
        return i;
      }
    }
    return most + 1;
  }

  @Test
  void findsADropWithinAFewRounds() {
    assertThat(IntStream.range(0, 50).map(seed -> roundsUntilAlarm(seed, 0.7, 0.5, 8)))
        .allMatch(rounds -> rounds <= 8);
  }

  @Test
  void staysQuietWithoutOne() {
    // 50 runs of 1,280 episodes at one false alarm in more than exp(10) episodes: 3 at most.
    assertThat(
            IntStream.range(0, 50)
                .filter(seed -> roundsUntilAlarm(seed, 0.7, 0.7, 20) <= 20)
                .count())
        .isLessThanOrEqualTo(3);
  }

  @Test
  void watchesNothingBeforeAVersionHasShipped() {
    DriftMonitor monitor = DriftMonitor.NEW;
    SplittableRandom random = RandomStreams.stream(1, "drift");
    monitor = monitor.observe(round(random, 1), SETTINGS);
    for (int i = 0; i < 10; i++) {
      monitor = monitor.observe(round(random, 0), SETTINGS);
    }

    assertThat(monitor.alarms(SETTINGS)).isFalse();
    assertThat(monitor.afterShip().afterRevert().reference()).isNull();
  }
}
