package dev.tandem.kernels.scalar;

import dev.tandem.kernels.operation.AdamW;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.Convert;
import dev.tandem.kernels.operation.ImportanceWeights;
import dev.tandem.kernels.operation.MaskedWhitening;
import dev.tandem.kernels.operation.Values;

/** The operations whose elements go their own ways, at most after a common sum. */
final class Elements {
  private Elements() {}

  static void importanceWeights(ImportanceWeights it) {
    double limit = ClippedPolicyLoss.MAX_LOG_RATIO;
    for (long token = 0; token < it.weights().size(); token++) {
      double logRatio = it.trainerLogProbs().get(token) - it.samplerLogProbs().get(token);
      double ratio = Math.exp(Math.min(Math.max(logRatio, -limit), limit));
      double bounded =
          switch (it.bound()) {
            case TRUNCATED -> Math.min(ratio, it.cap());
            case MASKED -> ratio > it.cap() ? 0 : ratio;
          };
      it.weights().set(token, bounded);
    }
  }

  static void whiten(MaskedWhitening it) {
    Values values = it.values();
    long count = 0;
    double sum = 0;
    for (long i = 0; i < values.size(); i++) {
      if (isSet(it, i)) {
        count++;
        sum += values.get(i);
      }
    }
    double mean = sum / count;
    double squares = 0;
    for (long i = 0; i < values.size(); i++) {
      if (isSet(it, i)) {
        squares += (values.get(i) - mean) * (values.get(i) - mean);
      }
    }
    double scale = 1 / Math.sqrt(squares / (count - 1) + it.epsilon());
    for (long i = 0; i < values.size(); i++) {
      boolean kept = count >= 2 && isSet(it, i);
      it.whitened().set(i, kept ? (values.get(i) - mean) * scale : 0);
    }
  }

  private static boolean isSet(MaskedWhitening it, long index) {
    return it.mask() == null || it.mask().isSet(index);
  }

  static void adamW(AdamW it) {
    double beta1 = it.settings().beta1();
    double beta2 = it.settings().beta2();
    double stepSize = it.stepSize();
    double rootCorrection = it.rootCorrection();
    for (AdamW.Tensor tensor : it.tensors()) {
      double decay = tensor.decays() ? it.decayFactor() : 1;
      for (long i = 0; i < tensor.size(); i++) {
        double gradient = it.gradientScale() * tensor.gradients().get(i);
        double first = beta1 * tensor.firstMoments().get(i) + (1 - beta1) * gradient;
        double second = beta2 * tensor.secondMoments().get(i) + (1 - beta2) * gradient * gradient;
        double root = Math.sqrt(second) / rootCorrection + it.settings().epsilon();
        double parameter = decay * tensor.parameters().get(i) - stepSize * first / root;
        tensor.parameters().set(i, parameter);
        tensor.firstMoments().set(i, first);
        tensor.secondMoments().set(i, second);
      }
    }
  }

  static void convert(Convert it) {
    for (long i = 0; i < it.from().size(); i++) {
      it.to().set(i, it.from().get(i));
    }
  }
}
