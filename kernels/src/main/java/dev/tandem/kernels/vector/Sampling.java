package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static jdk.incubator.vector.VectorOperators.EQ;

import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.Philox;
import dev.tandem.kernels.operation.SampleTokens;
import dev.tandem.kernels.operation.SamplingRule;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

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
    double maximum = RowSums.maximum(it.logits(), row);
    if (!Double.isFinite(maximum)) {
      return NO_TOKEN;
    }
    if (rule.temperature() == 0) {
      return firstEqual(it.logits(), row, maximum);
    }
    double[] scaled = scratch.scaled(Math.ceilDiv(size, Gumbel.STEP) * Gumbel.STEP);
    scale(it.logits(), row, maximum, rule.temperature(), scaled);
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

  private static int firstEqual(Matrix logits, long row, double value) {
    long offset = logits.rowOffset(row);
    for (long i = 0; ; i += WIDTH) {
      VectorMask<Double> in = Lanes.before(logits.columns(), i);
      DoubleVector lanes = Lanes.load(logits.segment(), offset, logits.type(), i, in);
      VectorMask<Double> equal = lanes.compare(EQ, value, in);
      if (equal.anyTrue()) {
        return (int) i + equal.firstTrue();
      }
    }
  }

  /** {@code (logit - maximum) / temperature}, and -infinity up to the next whole step. */
  private static void scale(
      Matrix logits, long row, double maximum, double temperature, double[] scaled) {
    DoubleVector impossible = DoubleVector.broadcast(DOUBLES, Double.NEGATIVE_INFINITY);
    long offset = logits.rowOffset(row);
    int size = (int) logits.columns();
    int end = Math.ceilDiv(size, WIDTH) * WIDTH;
    for (int i = 0; i < end; i += WIDTH) {
      VectorMask<Double> in = Lanes.before(size, i);
      DoubleVector lanes = Lanes.load(logits.segment(), offset, logits.type(), i, in);
      impossible.blend(lanes.sub(maximum).div(temperature), in).intoArray(scaled, i);
    }
    Arrays.fill(
        scaled, end, Math.ceilDiv(size, Gumbel.STEP) * Gumbel.STEP, Double.NEGATIVE_INFINITY);
  }

  /** Finds the part of the row first and then the token in it. */
  private static int inverseCdf(double[] scaled, int size, double uniform, Scratch scratch) {
    double target = uniform * mass(scaled, 0, size, scratch);
    double before = 0;
    for (int from = 0; from < size; from += Scratch.BLOCK) {
      int to = Math.min(from + Scratch.BLOCK, size);
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

  /** The sum of the exponentials of {@code [from, to)}. */
  static double mass(double[] scaled, int from, int to, Scratch scratch) {
    DoubleVector sum = DoubleVector.zero(DOUBLES);
    for (int i = from; i < to; i += WIDTH) {
      VectorMask<Double> in = Lanes.before(to, i);
      sum = sum.add(VectorMath.exp(DoubleVector.fromArray(DOUBLES, scaled, i, in)), in);
    }
    return Lanes.sum(sum, scratch.sums);
  }
}
