package dev.tandem.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** The oracle itself, against values worked out by hand. */
class ScalarKernelsTest {
  private static final Offset<Double> EXACT = within(1e-15);
  private final Kernels kernels = Kernels.scalar();

  @Test
  void normalisesByTheSampleStandardDeviation() {
    // mean 2, deviations -1 0 1, sample variance (1 + 0 + 1) / 2 = 1
    double[] normalised = normalise(GroupNormalisation.MEAN_STD, 1, 2, 3);
    assertThat(normalised).containsExactly(new double[] {-1 / 1.5, 0, 1 / 1.5}, EXACT);
  }

  @Test
  void leavesTheScaleAloneWhenOnlyTheMeanIsRemoved() {
    assertThat(normalise(GroupNormalisation.MEAN, 1, 2, 6)).containsExactly(-2, -1, 3);
  }

  @Test
  void comparesEachMemberWithTheMeanOfTheOthers() {
    // 1 - (2 + 6) / 2, 2 - (1 + 6) / 2, 6 - (1 + 2) / 2
    assertThat(normalise(GroupNormalisation.LEAVE_ONE_OUT, 1, 2, 6)).containsExactly(-3, -1.5, 4.5);
  }

  @Test
  void groupsWithoutSignalAreExactlyZero() {
    // an empty group, a singleton, and equal values whose mean is not exactly their value
    double[] values = {5, 0.1, 0.1, 0.1};
    for (GroupNormalisation how : GroupNormalisation.values()) {
      double[] normalised = new double[4];
      int count = kernels.normaliseGroups(values, new int[] {0, 0, 1, 4}, how, 0, normalised);
      assertThat(normalised).containsExactly(0, 0, 0, 0);
      assertThat(count).isEqualTo(3);
    }
  }

  @Test
  void clipsGainsAboveAndLossesBelowAndFarLossesAgain() {
    // ratios 0.5, 1.5, 0.5, 1.5, 4 under advantages 2, 2, -2, -2, -2
    double[] logProbs = {Math.log(0.5), Math.log(1.5), Math.log(0.5), Math.log(1.5), Math.log(4)};
    PolicyLossTerms terms =
        kernels.clippedPolicyLoss(
            new TokenBatch(
                logProbs,
                new double[5],
                new double[] {2, 2, -2, -2, -2},
                new boolean[] {true, true, true, true, true}),
            new ClipBounds(0.2, 0.28, 3));
    assertThat(terms.losses()).containsExactly(new double[] {-1, -2.56, 1.6, 3, 6}, EXACT);
    assertThat(terms.derivatives()).containsExactly(new double[] {-1, 0, 0, 3, 0}, EXACT);
    assertThat(terms.clippedTokens()).isEqualTo(3);
  }

  @Test
  void holdsTheLogRatioToTwentyAndThenStopsPulling() {
    PolicyLossTerms terms =
        kernels.clippedPolicyLoss(
            new TokenBatch(
                new double[] {-500, 0},
                new double[] {0, -500},
                new double[] {1, -1},
                new boolean[] {true, true}),
            new ClipBounds(0.2, 0.2, Double.POSITIVE_INFINITY));
    assertThat(terms.ratios()).containsExactly(Math.exp(-20), Math.exp(20));
    assertThat(terms.losses()).containsExactly(-Math.exp(-20), Math.exp(20));
    assertThat(terms.derivatives()).containsExactly(0, 0);
  }

  @Test
  void averagesOnlyTheMaskedRange() {
    double[] values = {100, 1, 50, 3, 100};
    boolean[] mask = {true, true, false, true, true};
    assertThat(kernels.maskedMean(values, mask, 1, 4)).isEqualTo(2);
    assertThat(kernels.maskedSum(values, mask)).isEqualTo(204);
    assertThat(kernels.weightedSum(values, new double[] {0, 2, 0, 1, 0})).isEqualTo(5);
  }

  @Test
  void saysWhichArgumentIsWrong() {
    assertThatThrownBy(
            () ->
                kernels.normaliseGroups(
                    new double[3], new int[] {0, 2}, GroupNormalisation.MEAN, 0, new double[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("groupOffsets must start at 0 and end at the number of values, 3");
    assertThatThrownBy(
            () ->
                kernels.normaliseGroups(
                    new double[3], new int[] {0, 4, 3}, GroupNormalisation.MEAN, 0, new double[3]))
        .hasMessage("groupOffsets must not decrease, fell from 4 to 3 at entry 2");
    assertThatThrownBy(() -> kernels.maskedSum(new double[3], new boolean[2]))
        .hasMessage("mask must have 3 entries, had 2");
    assertThatThrownBy(() -> new ClipBounds(1.5, 0.2, 3))
        .hasMessage("clip low must be in [0, 1], was 1.5");
    assertThatThrownBy(() -> new ClipBounds(0.2, Double.NaN, 3))
        .hasMessage("clip high must be finite and at least 0, was NaN");
    assertThatThrownBy(() -> new ClipBounds(0.2, 0.2, 1))
        .hasMessage("dual clip must be above 1 (infinity switches it off), was 1.0");
  }

  private double[] normalise(GroupNormalisation how, double... values) {
    double[] normalised = new double[values.length];
    kernels.normaliseGroups(values, new int[] {0, values.length}, how, 0.5, normalised);
    return normalised;
  }
}
