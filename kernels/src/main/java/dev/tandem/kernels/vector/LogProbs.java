package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.Lanes.ORDER;
import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static dev.tandem.kernels.vector.VectorMath.FLOATS;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.FusedPolicyLoss;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.SelectedLogProbsBackward;
import dev.tandem.kernels.operation.SingleRows;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/** {@link SelectedLogProbs} and its way back, alone and as halves of {@link FusedPolicyLoss}. */
final class LogProbs {
  private LogProbs() {}

  static void forward(SelectedLogProbs it) {
    Scratch scratch = Scratch.get();
    for (long row = 0; row < it.logits().rows(); row++) {
      RowSums.of(it.logits(), row, it.temperature(), scratch);
      double chosen = get(it.logits(), row, it.ids().getLong(row));
      it.write(row, chosen, scratch.maximum, scratch.sum, scratch.product);
    }
  }

  static void backward(SelectedLogProbsBackward it) {
    Scratch scratch = Scratch.get();
    for (long row = 0; row < it.logits().rows(); row++) {
      backward(
          it.logits(),
          row,
          it.ids().getLong(row),
          it.temperature(),
          it.logSumExps().get(row),
          it.logProbDerivatives().get(row),
          getOrZero(it.entropyDerivatives(), row),
          getOrZero(it.entropies(), row),
          scratch);
    }
  }

  /** Writes log-probabilities of the rows {@code [from, to)} that are in the mask, 0 for others. */
  static void forward(FusedPolicyLoss it, long from, long to, Scratch scratch) {
    Values mask = it.loss().tokens().mask();
    for (long row = from; row < to; row++) {
      double logProb = 0;
      if (mask == null || mask.isSet(row)) {
        RowSums.of(it.logits(), row, it.temperature(), scratch);
        double logSum = Math.log(scratch.sum);
        double chosen = get(it.logits(), row, it.ids().getLong(row));
        logProb = (chosen - scratch.maximum) / it.temperature() - logSum;
        scratch.logSumExps[(int) (row - from)] = scratch.maximum / it.temperature() + logSum;
      }
      it.loss().logProbs().set(row, logProb);
    }
  }

  /** Writes gradients over the logits of the rows {@code [from, to)}. */
  static void backward(FusedPolicyLoss it, long from, long to, Scratch scratch) {
    for (long row = from; row < to; row++) {
      backward(
          it.logits(),
          row,
          it.ids().getLong(row),
          it.temperature(),
          scratch.logSumExps[(int) (row - from)],
          it.loss().terms().gradient().get(row),
          0,
          0,
          scratch);
    }
  }

  private static void backward(
      Matrix logits,
      long row,
      long id,
      double temperature,
      double logSumExp,
      double derivative,
      double entropyDerivative,
      double entropy,
      Scratch scratch) {
    if (derivative == 0 && entropyDerivative == 0) {
      logits
          .segment()
          .asSlice(logits.rowOffset(row), logits.columns() * logits.type().bytes())
          .fill((byte) 0);
      return;
    }
    // With d = logit - temperature * logSumExp, so that log p = d / temperature:
    // gradient = p (constant + slope d), plus derivative / temperature for the chosen token.
    double constant = -(derivative + entropyDerivative * entropy) / temperature;
    double slope = -entropyDerivative / temperature / temperature;
    double chosen = derivative / temperature;
    if (logits.type() == ArrayElement.F64) {
      doubles(logits, row, temperature, logSumExp, constant, slope);
      long at = logits.rowOffset(row) + id * Double.BYTES;
      add(logits.segment(), at, ArrayElement.F64, chosen);
    } else {
      floats(logits, row, id, temperature, logSumExp, constant, slope, chosen, scratch);
    }
  }

  private static void floats(
      Matrix logits,
      long row,
      long id,
      double temperature,
      double logSumExp,
      double constant,
      double slope,
      double chosen,
      Scratch scratch) {
    boolean wide = logits.type() == ArrayElement.F32;
    MemorySegment block = wide ? logits.segment() : scratch.block;
    float scale = SingleRows.scale(temperature);
    for (long from = 0; from < logits.columns(); from += SingleRows.BLOCK) {
      int size = (int) Math.min(SingleRows.BLOCK, logits.columns() - from);
      long at = logits.rowOffset(row) + from * logits.type().bytes();
      if (!wide) {
        Conversion.widen(logits.segment(), at, block, 0, size);
      }
      long start = wide ? at : 0;
      block(block, start, size, temperature * logSumExp, scale, (float) constant, (float) slope);
      if (id >= from && id < from + size) {
        add(block, start + (id - from) * Float.BYTES, ArrayElement.F32, chosen);
      }
      if (!wide) {
        Conversion.narrow(block, 0, logits.segment(), at, size);
      }
    }
  }

  private static void block(
      MemorySegment block,
      long at,
      int size,
      double origin,
      float scale,
      float constant,
      float slope) {
    // The origin in two parts: float32 alone would lose digits where logits are large.
    float upper = (float) origin;
    float lower = (float) (origin - upper);
    FloatVector factor = FloatVector.broadcast(FLOATS, scale);
    FloatVector least = FloatVector.broadcast(FLOATS, SingleRows.LEAST_POWER / scale);
    FloatVector constants = FloatVector.broadcast(FLOATS, constant);
    FloatVector slopes = FloatVector.broadcast(FLOATS, slope);
    int i = 0;
    for (; i <= size - FLOATS.length(); i += FLOATS.length()) {
      long place = at + (long) i * Float.BYTES;
      FloatVector distance =
          FloatVector.fromMemorySegment(FLOATS, block, place, ORDER).sub(upper).sub(lower);
      distance = distance.blend(least, distance.compare(LT, least));
      VectorMath.power(distance, factor)
          .mul(distance.fma(slopes, constants))
          .intoMemorySegment(block, place, ORDER);
    }
    if (i < size) {
      VectorMask<Float> in = FLOATS.indexInRange(i, size);
      long place = at + (long) i * Float.BYTES;
      FloatVector distance =
          FloatVector.fromMemorySegment(FLOATS, block, place, ORDER, in).sub(upper).sub(lower);
      distance = distance.blend(least, distance.compare(LT, least));
      VectorMath.power(distance, factor)
          .mul(distance.fma(slopes, constants))
          .intoMemorySegment(block, place, ORDER, in);
    }
  }

  private static void doubles(
      Matrix logits,
      long row,
      double temperature,
      double logSumExp,
      double constant,
      double slope) {
    MemorySegment segment = logits.segment();
    long offset = logits.rowOffset(row);
    for (long i = 0; i < logits.columns(); i += WIDTH) {
      VectorMask<Double> in = Lanes.before(logits.columns(), i);
      DoubleVector logProb =
          Lanes.load(segment, offset, ArrayElement.F64, i, in).div(temperature).sub(logSumExp);
      VectorMask<Double> vanishing = logProb.compare(LT, VectorMath.LEAST_EXPONENT);
      DoubleVector.broadcast(DOUBLES, slope * temperature)
          .mul(logProb)
          .add(constant)
          .mul(VectorMath.exp(logProb))
          .blend(0, vanishing)
          .intoMemorySegment(segment, offset + i * Double.BYTES, ORDER, in);
    }
  }

  /** One logit. */
  static double get(Matrix logits, long row, long column) {
    long at = logits.rowOffset(row) + column * logits.type().bytes();
    return Lanes.element(logits.segment(), logits.type(), at);
  }

  private static void add(MemorySegment segment, long at, ArrayElement type, double addend) {
    if (type == ArrayElement.F64) {
      double sum = segment.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at) + addend;
      segment.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, at, sum);
    } else {
      double sum = segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at) + addend;
      segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) sum);
    }
  }

  private static double getOrZero(@Nullable Values values, long row) {
    return values == null ? 0 : values.get(row);
  }
}
