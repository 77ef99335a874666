package dev.tandem.trainer.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ReferencePullTest {
  @Test
  void valuesAreThoseOfTheirFormulas() {
    double logRatio = Math.log(2);
    assertThat(ReferencePull.Estimator.OFF.value(logRatio)).isZero();
    assertThat(ReferencePull.Estimator.K1.value(logRatio)).isEqualTo(logRatio);
    assertThat(ReferencePull.Estimator.K2.value(logRatio)).isEqualTo(logRatio * logRatio / 2);
    assertThat(ReferencePull.Estimator.K3.value(logRatio))
        .isCloseTo(0.5 - 1 + logRatio, within(1e-15));
  }

  @Test
  void k3NeverOverflowsAndStopsPullingFarOut() {
    assertThat(ReferencePull.Estimator.K3.value(-1e6)).isEqualTo(Math.expm1(20) - 20);
    assertThat(ReferencePull.Estimator.K3.derivative(-1e6)).isZero();
    assertThat(ReferencePull.Estimator.K3.value(Double.POSITIVE_INFINITY))
        .isEqualTo(Math.expm1(-20) + 20);
  }

  @Test
  void k1AndK3AgreeOnAverageAndK3IsNeverNegative() {
    // Two exact distributions over three tokens: the expectation under the policy is the KL itself.
    double[] policy = {0.5, 0.3, 0.2};
    double[] reference = {0.2, 0.3, 0.5};
    double kl = 0;
    double k1 = 0;
    double k3 = 0;
    for (int token = 0; token < 3; token++) {
      double logRatio = Math.log(policy[token] / reference[token]);
      kl += policy[token] * logRatio;
      k1 += policy[token] * ReferencePull.Estimator.K1.value(logRatio);
      k3 += policy[token] * ReferencePull.Estimator.K3.value(logRatio);
      assertThat(ReferencePull.Estimator.K3.value(logRatio)).isNotNegative();
    }
    assertThat(k1).isEqualTo(kl);
    assertThat(k3).isCloseTo(kl, within(1e-15));
  }
}
