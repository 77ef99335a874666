package dev.tandem.trainer.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.compare.Contrast.Pair;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ContrastTest {
  /** Tasks a, b, c and so on, solved where there is a 1; one with a dash was not judged. */
  static Solved solved(String answers) {
    TreeMap<String, Boolean> byTask = new TreeMap<>();
    for (int i = 0; i < answers.length(); i++) {
      if (answers.charAt(i) != '-') {
        byTask.put(Character.toString('a' + i), answers.charAt(i) == '1');
      }
    }
    return new Solved(byTask);
  }

  @Test
  void aPairCountsTheTasksThatBothWereJudgedOn() {
    Pair pair = Pair.of(7, solved("1111100-"), solved("0001010" + "1"));
    assertThat(pair.tasks()).isEqualTo(7);
    assertThat(pair.won()).isEqualTo(4);
    assertThat(pair.lost()).isEqualTo(1);
    assertThat(pair.difference()).isCloseTo(3.0 / 7, within(1e-12));
    // Of five fair coins: none, one, four or five heads.
    assertThat(pair.p()).isCloseTo((1 + 5 + 5 + 1) / 32.0, within(1e-12));
  }

  @Test
  void equalAgentsAreNoEvidence() {
    assertThat(Pair.of(1, solved("1010"), solved("1010")).p()).isEqualTo(1);
  }

  @Test
  void agentsWithoutACommonTaskAreNotCompared() {
    assertThatThrownBy(() -> Pair.of(4, solved("1--"), solved("-11")))
        .hasMessage("the two runs of seed 4 have no task in common");
  }

  @Test
  void theIntervalOverSeedsIsStudents() {
    // Differences 1/4, 1/2 and 3/4: mean 1/2, standard deviation 1/4; t with 2 degrees of freedom
    // leaves 2.5% above 4.302652729911275.
    List<Pair> pairs =
        List.of(
            Pair.of(1, solved("1000"), solved("0000")),
            Pair.of(2, solved("1100"), solved("0000")),
            Pair.of(3, solved("1110"), solved("0000")));
    Contrast contrast = Contrast.of("both", "one", pairs);
    double half = 4.302652729911275 * 0.25 / Math.sqrt(3);
    Interval interval = Objects.requireNonNull(contrast.overSeeds());
    assertThat(contrast.difference()).isCloseTo(0.5, within(1e-12));
    assertThat(interval.low()).isCloseTo(0.5 - half, within(1e-9));
    assertThat(interval.high()).isCloseTo(0.5 + half, within(1e-9));
  }

  @Test
  void theIntervalOverTasksKnowsNothingOfSeeds() {
    // One seed, +1 on two of four tasks, -1 on one and 0 on one: mean 1/4, variance 3/4 - 1/16.
    Contrast contrast =
        Contrast.of("both", "one", List.of(Pair.of(1, solved("1100"), solved("0010"))));
    double half = 1.959963984540054 * Math.sqrt((0.75 - 0.0625) / 4);
    assertThat(contrast.overSeeds()).isNull();
    assertThat(contrast.overTasks().low()).isCloseTo(0.25 - half, within(1e-12));
    assertThat(contrast.overTasks().high()).isCloseTo(0.25 + half, within(1e-12));
  }
}
