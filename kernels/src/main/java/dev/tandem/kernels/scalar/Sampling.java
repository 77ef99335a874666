package dev.tandem.kernels.scalar;

import dev.tandem.kernels.operation.Philox;
import dev.tandem.kernels.operation.SampleTokens;
import dev.tandem.kernels.operation.SamplingRule;
import dev.tandem.kernels.operation.Values;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** {@link SampleTokens}. */
final class Sampling {
  private static final int NO_TOKEN = -1;

  private Sampling() {}

  static void run(SampleTokens it) {
    for (long row = 0; row < it.logits().rows(); row++) {
      Values logits = it.logits().row(row);
      int token = draw(logits, it.rule(), it.seeds().getLong(row), it.positions().getLong(row));
      it.tokens().setLong(row, token);
      it.logProbs()
          .set(
              row,
              token == NO_TOKEN ? Double.NaN : logits.get(token) - LogProbs.logSumExp(logits, 1));
    }
  }

  private static int draw(Values logits, SamplingRule rule, long seed, long position) {
    double maximum = LogProbs.maximum(logits);
    if (!Double.isFinite(maximum)) {
      return NO_TOKEN;
    }
    if (rule.temperature() == 0) {
      return IntStream.range(0, (int) logits.size())
          .filter(id -> logits.get(id) == maximum)
          .findFirst()
          .orElseThrow();
    }
    double[] scaled = new double[(int) logits.size()];
    Arrays.setAll(scaled, id -> (logits.get(id) - maximum) / rule.temperature());
    if (rule.filters()) {
      filter(scaled, rule);
    }
    return switch (rule.draw()) {
      case GUMBEL_MAX -> gumbelMax(scaled, seed, position);
      case INVERSE_CDF -> inverseCdf(scaled, Philox.uniform(seed, position));
    };
  }

  /** Sets to -infinity what the rule does not keep. The largest element is 0. */
  private static void filter(double[] scaled, SamplingRule rule) {
    int[] descending =
        IntStream.range(0, scaled.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer id) -> -scaled[id]))
            .mapToInt(Integer::intValue)
            .toArray();
    int kept = rule.topK() > 0 ? Math.min(rule.topK(), scaled.length) : scaled.length;
    if (rule.topP() < 1) {
      double mass = 0;
      for (int rank = 0; rank < kept; rank++) {
        mass += Math.exp(scaled[descending[rank]]);
      }
      double sum = 0;
      int nucleus = 0;
      while (nucleus < kept && sum < rule.topP() * mass) {
        sum += Math.exp(scaled[descending[nucleus]]);
        nucleus++;
      }
      kept = nucleus;
    }
    for (int rank = 0; rank < scaled.length; rank++) {
      int id = descending[rank];
      if (rank >= kept || Math.exp(scaled[id]) < rule.minP()) {
        scaled[id] = Double.NEGATIVE_INFINITY;
      }
    }
  }

  private static int gumbelMax(double[] scaled, long seed, long position) {
    int token = NO_TOKEN;
    double best = Double.NEGATIVE_INFINITY;
    for (int id = 0; id < scaled.length; id++) {
      double noise = -Math.log(-Math.log(Philox.openUniform(seed, position, id)));
      if (scaled[id] + noise > best) {
        best = scaled[id] + noise;
        token = id;
      }
    }
    return token;
  }

  private static int inverseCdf(double[] scaled, double uniform) {
    double mass = 0;
    for (double one : scaled) {
      mass += Math.exp(one);
    }
    double sum = 0;
    int token = NO_TOKEN;
    for (int id = 0; id < scaled.length; id++) {
      double probability = Math.exp(scaled[id]);
      sum += probability;
      if (probability > 0) {
        token = id;
      }
      if (sum > uniform * mass) {
        break;
      }
    }
    return token;
  }
}
