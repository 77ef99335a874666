package dev.tandem.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.kernels.operation.AdamW;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.ClipBounds;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.FusedPolicyLoss;
import dev.tandem.kernels.operation.GroupNormalisation;
import dev.tandem.kernels.operation.KlEstimator;
import dev.tandem.kernels.operation.KlPenalty;
import dev.tandem.kernels.operation.MaskedWhitening;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.NormaliseGroups;
import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.SelectedLogProbsBackward;
import dev.tandem.kernels.operation.Values;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The oracle itself, against values worked out by hand and against finite differences. */
final class OracleTest {
  private static final Offset<Double> EXACT = within(1e-15);
  private static final double STEP = 1e-5;

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

  private double[] normalise(GroupNormalisation how, double... values) {
    Values inPlace = Values.of(values);
    kernels.run(
        new NormaliseGroups(
            inPlace,
            Values.of(new int[] {0, values.length}),
            how,
            0.5,
            inPlace,
            Values.of(new long[1])));
    return values;
  }

  @Test
  void groupsWithoutSignalAreExactlyZero() {
    for (GroupNormalisation how : GroupNormalisation.values()) {
      // An empty group, a singleton, and equal values whose mean is not exactly their value.
      Values values = Values.of(new double[] {5, 0.1, 0.1, 0.1});
      Values withoutSignal = Values.of(new long[1]);
      kernels.run(
          new NormaliseGroups(
              values, Values.of(new int[] {0, 0, 1, 4}), how, 0, values, withoutSignal));
      assertThat(TestArrays.doubles(values)).containsExactly(0, 0, 0, 0);
      assertThat(withoutSignal.getLong(0)).isEqualTo(3);
    }
  }

  @Test
  void clipsGainsAboveAndLossesBelowAndFarLossesAgain() {
    // ratios 0.5, 1.5, 0.5, 1.5, 4 under advantages 2, 2, -2, -2, -2
    double[] logProbs = {Math.log(0.5), Math.log(1.5), Math.log(0.5), Math.log(1.5), Math.log(4)};
    double[] losses = new double[5];
    double[] gradient = new double[5];
    double[] sums = new double[PolicySum.COUNT];
    kernels.run(
        new ClippedPolicyLoss(
            Values.of(logProbs),
            new PolicyTokens(
                Values.of(new double[5]),
                null,
                Values.of(new double[] {2, 2, -2, -2, -2}),
                null,
                null,
                null),
            new ClipBounds(0.2, 0.28, 3),
            KlPenalty.MEASURED,
            new PolicyTerms(null, Values.of(losses), null, Values.of(gradient), Values.of(sums))));
    assertThat(losses).containsExactly(new double[] {-1, -2.56, 1.6, 3, 6}, EXACT);
    assertThat(gradient).containsExactly(new double[] {-1, 0, 0, 3, 0}, EXACT);
    assertThat(sums[PolicySum.CLIPPED_TOKENS.index()]).isEqualTo(3);
    assertThat(sums[PolicySum.LOSS.index()]).isCloseTo(7.04, EXACT);
  }

  @ParameterizedTest
  @EnumSource
  void theGradientIsThatOfTheWholeLoss(KlEstimator estimator) {
    SplittableRandom random = new SplittableRandom(5);
    int tokens = 40;
    double[] logProbs = random.doubles(tokens, -2, 0).toArray();
    PolicyTokens given =
        new PolicyTokens(
            Values.of(random.doubles(tokens, -2, 0).toArray()),
            Values.of(random.doubles(tokens, -2, 0).toArray()),
            Values.of(random.doubles(tokens, -2, 2).toArray()),
            null,
            Values.of(random.doubles(tokens).toArray()),
            Values.of(random.doubles(tokens).toArray()));
    double[] gradient = new double[tokens];
    loss(logProbs, given, estimator, gradient);
    for (int token = 0; token < tokens; token++) {
      double kept = logProbs[token];
      logProbs[token] = kept + STEP;
      double above = loss(logProbs, given, estimator, new double[tokens]);
      logProbs[token] = kept - STEP;
      double below = loss(logProbs, given, estimator, new double[tokens]);
      logProbs[token] = kept;
      assertThat(gradient[token]).isCloseTo((above - below) / (2 * STEP), within(1e-8));
    }
  }

  private double loss(
      double[] logProbs, PolicyTokens tokens, KlEstimator estimator, double[] gradient) {
    double[] sums = new double[PolicySum.COUNT];
    kernels.run(
        new ClippedPolicyLoss(
            Values.of(logProbs),
            tokens,
            new ClipBounds(0.2, 0.28, 3),
            new KlPenalty(estimator, 0.3),
            new PolicyTerms(null, null, null, Values.of(gradient), Values.of(sums))));
    return sums[PolicySum.LOSS.index()];
  }

  @Test
  void scoresAsWorkedOutByHand() {
    // Probabilities 1/8, 1/8, 1/4, 1/2: the entropy is 1.75 bits.
    double[] logits = {0, 0, Math.log(2), Math.log(4)};
    double[] figures = new double[3];
    kernels.run(
        new SelectedLogProbs(
            Matrix.of(Values.of(logits).segment(), ArrayElement.F64, 1, 4),
            Values.of(new int[] {2}),
            1,
            Values.of(figures).slice(0, 1),
            Values.of(figures).slice(1, 2),
            Values.of(figures).slice(2, 3)));
    assertThat(figures)
        .containsExactly(
            new double[] {Math.log(0.25), 1.75 * Math.log(2), Math.log(8)}, within(1e-15));
  }

  @Test
  void goesBackIntoTheLogits() {
    int vocabulary = 11;
    double[] logits = new SplittableRandom(3).doubles(vocabulary, -2, 2).toArray();
    double logProbDerivative = 0.7;
    double entropyDerivative = -0.3;
    double[] figures = score(logits);
    double[] gradient = logits.clone();
    kernels.run(
        new SelectedLogProbsBackward(
            Matrix.of(Values.of(gradient).segment(), ArrayElement.F64, 1, vocabulary),
            Values.of(new int[] {4}),
            0.8,
            Values.of(new double[] {figures[2]}),
            Values.of(new double[] {logProbDerivative}),
            Values.of(new double[] {entropyDerivative}),
            Values.of(new double[] {figures[1]})));
    for (int j = 0; j < vocabulary; j++) {
      double kept = logits[j];
      logits[j] = kept + STEP;
      double[] above = score(logits);
      logits[j] = kept - STEP;
      double[] below = score(logits);
      logits[j] = kept;
      double numeric =
          (logProbDerivative * (above[0] - below[0]) + entropyDerivative * (above[1] - below[1]))
              / (2 * STEP);
      assertThat(gradient[j]).isCloseTo(numeric, within(1e-9));
    }
  }

  /** Log-probability of token 4, entropy and log-sum-exp at temperature 0.8. */
  private double[] score(double[] logits) {
    double[] figures = new double[3];
    kernels.run(
        new SelectedLogProbs(
            Matrix.of(Values.of(logits).segment(), ArrayElement.F64, 1, logits.length),
            Values.of(new int[] {4}),
            0.8,
            Values.of(figures).slice(0, 1),
            Values.of(figures).slice(1, 2),
            Values.of(figures).slice(2, 3)));
    return figures;
  }

  @Test
  void theFusedLossGoesBackIntoTheLogits() {
    int tokens = 3;
    int vocabulary = 5;
    double[] logits = new SplittableRandom(3).doubles((long) tokens * vocabulary, -2, 2).toArray();
    double[] gradient = logits.clone();
    fusedLoss(gradient, tokens);
    for (int j = 0; j < logits.length; j++) {
      double[] above = logits.clone();
      above[j] += STEP;
      double[] below = logits.clone();
      below[j] -= STEP;
      double numeric = (fusedLoss(above, tokens) - fusedLoss(below, tokens)) / (2 * STEP);
      assertThat(gradient[j]).isCloseTo(numeric, within(1e-8));
    }
  }

  private double fusedLoss(double[] logits, int tokens) {
    double[] sums = new double[PolicySum.COUNT];
    kernels.run(
        new FusedPolicyLoss(
            Matrix.of(
                Values.of(logits).segment(), ArrayElement.F64, tokens, logits.length / tokens),
            Values.of(new int[] {1, 0, 3}),
            1.5,
            new ClippedPolicyLoss(
                Values.of(new double[tokens]),
                new PolicyTokens(
                    Values.of(new double[] {-1, -2, -1.5}),
                    Values.of(new double[] {-1.2, -1, -2}),
                    Values.of(new double[] {0.5, -1, 2}),
                    Values.mask(new boolean[] {true, false, true}),
                    null,
                    null),
                new ClipBounds(0.9, 9, 30),
                new KlPenalty(KlEstimator.K3, 0.1),
                new PolicyTerms(
                    null, null, null, Values.of(new double[tokens]), Values.of(sums)))));
    return sums[PolicySum.LOSS.index()];
  }

  @Test
  void whitensToMeanZeroAndVarianceOne() {
    double[] whitened = new double[5];
    kernels.run(
        new MaskedWhitening(
            Values.of(new double[] {1, 100, 2, 3, 6}),
            Values.mask(new boolean[] {true, false, true, true, true}),
            0,
            Values.of(whitened)));
    // mean 3, deviations -2 -1 0 3, variance 14 / 3
    double scale = 1 / Math.sqrt(14.0 / 3);
    assertThat(whitened).containsExactly(new double[] {-2 * scale, 0, -scale, 0, 3 * scale}, EXACT);
  }

  @Test
  void theFirstAdamStepIsTheLearningRateAgainstTheSign() {
    double[] parameters = {1, 1};
    kernels.run(
        new AdamW(
            List.of(
                new AdamW.Tensor(
                    Values.of(parameters),
                    Values.of(new double[] {1e-3, -7}),
                    Values.of(new double[2]),
                    Values.of(new double[2]),
                    true)),
            new AdamW.Settings(0.9, 0.999, 0, 0.5),
            0.1,
            1,
            1));
    // Decay to 0.95 first, then a whole learning rate whatever the size of the gradient.
    assertThat(parameters).containsExactly(new double[] {0.85, 1.05}, within(1e-14));
  }
}
