package dev.tandem.kernels.scalar;

import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.SelectedLogProbsBackward;
import dev.tandem.kernels.operation.Values;

/**
 * {@link SelectedLogProbs} and its way back: F64 rows as the formula reads, which is the oracle;
 * F32 and BF16 rows as {@link SingleLogProbs}.
 */
final class LogProbs {
  private LogProbs() {}

  static void forward(SelectedLogProbs it) {
    if (it.logits().type() != ArrayElement.F64) {
      SingleLogProbs.forward(it);
      return;
    }
    for (long row = 0; row < it.logits().rows(); row++) {
      Values logits = it.logits().row(row);
      double maximum = maximum(logits);
      double sum = 0;
      double product = 0;
      for (long j = 0; j < logits.size(); j++) {
        double distance = logits.get(j) - maximum;
        double exponential = Math.exp(distance / it.temperature());
        sum += exponential;
        product += distance == Double.NEGATIVE_INFINITY ? 0 : exponential * distance;
      }
      it.write(row, logits.get(it.ids().getLong(row)), maximum, sum, product);
    }
  }

  static void backward(SelectedLogProbsBackward it) {
    if (it.logits().type() != ArrayElement.F64) {
      SingleLogProbs.backward(it);
      return;
    }
    for (long row = 0; row < it.logits().rows(); row++) {
      backward(
          it.logits().row(row),
          it.ids().getLong(row),
          it.temperature(),
          it.logSumExps().get(row),
          it.logProbDerivatives().get(row),
          it.entropyDerivatives() == null ? 0 : it.entropyDerivatives().get(row),
          it.entropies() == null ? 0 : it.entropies().get(row));
    }
  }

  static void backward(
      Values logits,
      long id,
      double temperature,
      double logSumExp,
      double derivative,
      double entropyDerivative,
      double entropy) {
    boolean skipped = derivative == 0 && entropyDerivative == 0;
    for (long j = 0; j < logits.size(); j++) {
      if (skipped) {
        logits.set(j, 0);
        continue;
      }
      double logProb = logits.get(j) / temperature - logSumExp;
      double probability = Math.exp(logProb);
      double chosen = j == id ? 1 : 0;
      double ofEntropy =
          probability == 0 ? 0 : -entropyDerivative * probability * (logProb + entropy);
      logits.set(j, (derivative * (chosen - probability) + ofEntropy) / temperature);
    }
  }

  /** {@code log(sum of exp(logits / temperature))}. */
  static double logSumExp(Values logits, double temperature) {
    double maximum = maximum(logits) / temperature;
    double sum = 0;
    for (long j = 0; j < logits.size(); j++) {
      sum += Math.exp(logits.get(j) / temperature - maximum);
    }
    return maximum + Math.log(sum);
  }

  /** The largest element; NaN if there is one. */
  static double maximum(Values logits) {
    double maximum = Double.NEGATIVE_INFINITY;
    for (long j = 0; j < logits.size(); j++) {
      maximum = Math.max(maximum, logits.get(j));
    }
    return maximum;
  }
}
