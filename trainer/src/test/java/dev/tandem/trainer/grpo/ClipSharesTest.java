package dev.tandem.trainer.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.kernels.Kernels;
import org.junit.jupiter.api.Test;

/** Which bound held a token, by ratios that are known. */
final class ClipSharesTest {
  private static final Kernels KERNELS = Kernels.best();

  /** Ratios of a row of positive, one of negative and one of no advantage; the last is masked. */
  private static final double[] RATIOS = {0.5, 1.1, 2, 0.5, 0.6, 2, 4, 0.5, 4, 0.5};

  private static PolicyMetrics metrics(PolicyLoss loss) {
    double[] logProbs = new double[RATIOS.length];
    double[] behaviour = new double[RATIOS.length];
    boolean[] mask = new boolean[RATIOS.length];
    for (int token = 0; token < RATIOS.length; token++) {
      behaviour[token] = -1.5;
      logProbs[token] = -1.5 + Math.log(RATIOS[token]);
      mask[token] = token < RATIOS.length - 1;
    }
    PolicyBatch batch =
        PolicyBatch.of(new int[] {0, 3, 7, 10}, logProbs, behaviour, new double[] {1, -1, 0})
            .withMask(mask);
    return new PolicyObjective(
            loss, Aggregation.TOKEN_MEAN, new ReferencePull(ReferencePull.Estimator.OFF, 0))
        .evaluate(batch, GlobalCounts.of(batch), KERNELS)
        .metrics();
  }

  @Test
  void theClippedLossHoldsLossesBelowAndGainsAbove() {
    PolicyMetrics metrics = metrics(new PolicyLoss.Clipped(0.2, 0.28, 3));
    assertThat(metrics.clipLow()).as("0.5 and 0.6 of a loss").isCloseTo(2 / 9.0, within(1e-15));
    assertThat(metrics.clipHigh())
        .as("2 of a gain, and 4 of a loss by the dual clip")
        .isCloseTo(2 / 9.0, within(1e-15));
  }

  @Test
  void cispoHoldsEveryRatioThatHasAnAdvantage() {
    PolicyMetrics metrics = metrics(new PolicyLoss.Cispo(0.2, 0.28));
    assertThat(metrics.clipLow()).isCloseTo(3 / 9.0, within(1e-15));
    assertThat(metrics.clipHigh()).isCloseTo(3 / 9.0, within(1e-15));
  }

  /** The rows' ratios are the geometric means 1.03 and 1.24. */
  @Test
  void gspoHoldsWholeSequences() {
    PolicyMetrics low = metrics(new PolicyLoss.Gspo(0, 0.1));
    assertThat(low.clipLow()).isZero();
    assertThat(low.clipHigh()).isZero();
    PolicyMetrics high = metrics(new PolicyLoss.Gspo(0, 0.01));
    assertThat(high.clipLow()).isZero();
    assertThat(high.clipHigh()).isCloseTo(3 / 9.0, within(1e-15));
  }
}
