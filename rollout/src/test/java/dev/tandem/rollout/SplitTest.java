package dev.tandem.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.harness.value.ContentHash;
import java.util.EnumMap;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SplitTest {
  @ParameterizedTest
  @CsvSource({
    "00000000ff, TRAIN",
    "00000005, TRAIN",
    "00000006, GATE",
    "00000007, GATE",
    "00000008, SEALED",
    "00000009, SEALED",
    "0000000a, TRAIN",
    "ffffffff, TRAIN",
    "fffffffb, TRAIN"
  })
  void dependsOnTheFirstEightDigitsAlone(String hash, Split split) {
    long bucket = Long.parseLong(hash.substring(0, 8), 16) % 10;
    assertThat(Split.of(hash))
        .as("bucket %d", bucket)
        .isEqualTo(split)
        .isEqualTo(Split.of(hash + "0123abcd"));
  }

  @Test
  void sixTenthsTrainTwoGateTwoSealed() {
    Map<Split, Integer> counts = new EnumMap<>(Split.class);
    int tasks = 20_000;
    for (int i = 0; i < tasks; i++) {
      counts.merge(Split.of(ContentHash.sha256("task " + i)), 1, Integer::sum);
    }
    Offset<Double> fourDeviations = within(0.014);
    assertThat((double) counts.getOrDefault(Split.TRAIN, 0) / tasks).isCloseTo(0.6, fourDeviations);
    assertThat((double) counts.getOrDefault(Split.GATE, 0) / tasks).isCloseTo(0.2, fourDeviations);
    assertThat((double) counts.getOrDefault(Split.SEALED, 0) / tasks)
        .isCloseTo(0.2, fourDeviations);
  }

  @Test
  void aTaskCannotBePutIntoAnotherSplit() {
    assertThatThrownBy(() -> new TaskSpec("house", "place", Split.SEALED, 3, "00000000", 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("task house 3 belongs to split train by its content, was given sealed");
  }
}
