package dev.tandem.kernels.cuda;

import dev.tandem.kernels.operation.GroupNormalisation;
import dev.tandem.kernels.operation.ImportanceWeights;
import dev.tandem.kernels.operation.KlEstimator;
import dev.tandem.kernels.operation.SamplingRule;

/** The numbers by which the kernels know closed choices; they are enums there too. */
final class Codes {
  private Codes() {}

  static int of(GroupNormalisation how) {
    return switch (how) {
      case MEAN_STD -> 0;
      case MEAN -> 1;
      case LEAVE_ONE_OUT -> 2;
    };
  }

  static int of(KlEstimator estimator) {
    return switch (estimator) {
      case K1 -> 0;
      case K2 -> 1;
      case K3 -> 2;
    };
  }

  static int of(SamplingRule.Draw draw) {
    return switch (draw) {
      case GUMBEL_MAX -> 0;
      case INVERSE_CDF -> 1;
    };
  }

  static int of(ImportanceWeights.Bound bound) {
    return switch (bound) {
      case TRUNCATED -> 0;
      case MASKED -> 1;
    };
  }
}
