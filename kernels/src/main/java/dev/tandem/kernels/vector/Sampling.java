package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static jdk.incubator.vector.VectorOperators.MAX;

import dev.tandem.kernels.operation.Philox;
import dev.tandem.kernels.operation.SampleTokens;
import dev.tandem.kernels.operation.SamplingRule;
import dev.tandem.kernels.operation.SingleRows;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;

/** {@link SampleTokens}: a row's scaled logits are laid out in float64 once, then drawn from. */
final class Sampling {
  private static final int NO_TOKEN = -1;

  private Sampling() {}

  static void run(SampleTokens it) {
    Scratch scratch = Scratch.get();
    for (long row = 0; row < it.logits().rows(); row++) {
      int token = draw(it, row, scratch);
      it.tokens().setLong(row, token);
      double logProb = Double.NaN;
      if (token != NO_TOKEN) {
        RowSums.of(it.logits(), row, 1, scratch);
        logProb = LogProbs.get(it.logits(), row, token) - scratch.maximum - Math.log(scratch.sum);
      }
      it.logProbs().set(row, logProb);
    }
  }

  private static int draw(SampleTokens it, long row, Scratch scratch) {
    SamplingRule rule = it.rule();
    int size = (int) it.logits().columns();
    int end = Math.ceilDiv(size, Gumbel.STEP) * Gumbel.STEP;
    double[] scaled = scratch.scaled(end);
    Lanes.read(it.logits().segment(), it.logits().rowOffset(row), it.logits().type(), size, scaled);
    Arrays.fill(scaled, size, end, Double.NEGATIVE_INFINITY);
    double maximum = maximum(scaled, end);
    if (!Double.isFinite(maximum)) {
      return NO_TOKEN;
    }
    if (rule.temperature() == 0) {
      return firstEqual(scaled, maximum);
    }
    scale(scaled, end, maximum, rule.temperature());
    if (rule.filters()) {
      Filter.apply(rule, scaled, size, scratch);
    }
    long seed = it.seeds().getLong(row);
    long position = it.positions().getLong(row);
    return switch (rule.draw()) {
      case GUMBEL_MAX -> Gumbel.draw(scaled, size, seed, position, scratch);
      case INVERSE_CDF -> inverseCdf(scaled, size, Philox.uniform(seed, position), scratch);
    };
  }

  /** The largest; NaN if there is one. */
  private static double maximum(double[] values, int end) {
    DoubleVector maximum = DoubleVector.broadcast(DOUBLES, Double.NEGATIVE_INFINITY);
    for (int i = 0; i < end; i += WIDTH) {
      maximum = maximum.max(DoubleVector.fromArray(DOUBLES, values, i));
    }
    return maximum.reduceLanes(MAX);
  }

  private static int firstEqual(double[] values, double value) {
    int id = 0;
    while (values[id] != value) {
      id++;
    }
    return id;
  }

  /** {@code (logit - maximum) / temperature}. */
  private static void scale(double[] values, int end, double maximum, double temperature) {
    for (int i = 0; i < end; i += WIDTH) {
      DoubleVector.fromArray(DOUBLES, values, i).sub(maximum).div(temperature).intoArray(values, i);
    }
  }

  /** Finds the part of the row first and then the token in it. */
  private static int inverseCdf(double[] scaled, int size, double uniform, Scratch scratch) {
    double target = uniform * mass(scaled, 0, size, scratch);
    double before = 0;
    for (int from = 0; from < size; from += SingleRows.BLOCK) {
      int to = Math.min(from + SingleRows.BLOCK, size);
      double mass = mass(scaled, from, to, scratch);
      if (before + mass > target) {
        int token = firstBeyond(scaled, from, to, before, target);
        if (token != NO_TOKEN) {
          return token;
        }
      }
      before += mass;
    }
    return lastPossible(scaled, size);
  }

  private static int firstBeyond(double[] scaled, int from, int to, double before, double target) {
    double sum = before;
    for (int id = from; id < to; id++) {
      sum += Math.exp(scaled[id]);
      if (sum > target) {
        return id;
      }
    }
    return NO_TOKEN;
  }

  /** Where rounding has left the target just out of reach. */
  private static int lastPossible(double[] scaled, int size) {
    int id = size - 1;
    while (Math.exp(scaled[id]) == 0) {
      id--;
    }
    return id;
  }

  /**
   * The sum of the exponentials of {@code [from, to)}, {@code from} at a whole vector; beyond
   * {@code to} there must be -infinity up to the next.
   */
  static double mass(double[] scaled, int from, int to, Scratch scratch) {
    DoubleVector sum = DoubleVector.zero(DOUBLES);
    for (int i = from; i < to; i += WIDTH) {
      sum = sum.add(VectorMath.exp(DoubleVector.fromArray(DOUBLES, scaled, i)));
    }
    return Lanes.sum(sum, scratch.sums);
  }
}
