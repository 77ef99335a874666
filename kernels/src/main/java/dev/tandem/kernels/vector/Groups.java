package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static jdk.incubator.vector.VectorOperators.NE;

import dev.tandem.kernels.operation.GroupNormalisation;
import dev.tandem.kernels.operation.MaskedWhitening;
import dev.tandem.kernels.operation.NormaliseGroups;
import dev.tandem.kernels.operation.Values;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/** {@link NormaliseGroups} and {@link MaskedWhitening}: sums over a range, then every member. */
final class Groups {
  private Groups() {}

  static void normalise(NormaliseGroups it) {
    Scratch scratch = Scratch.get();
    long withoutSignal = 0;
    long from = it.offsets().getLong(0);
    for (long group = 0; group < it.groups(); group++) {
      long to = it.offsets().getLong(group + 1);
      withoutSignal += normalise(it, from, to, scratch) ? 0 : 1;
      from = to;
    }
    it.withoutSignal().setLong(0, withoutSignal);
  }

  /** Returns whether the group has a signal: two members that differ. */
  private static boolean normalise(NormaliseGroups it, long from, long to, Scratch scratch) {
    Values values = it.values();
    DoubleVector sums = DoubleVector.zero(DOUBLES);
    boolean differ = false;
    if (from < to) {
      DoubleVector first = DoubleVector.broadcast(DOUBLES, values.get(from));
      for (long i = from; i < to; i += WIDTH) {
        VectorMask<Double> in = Lanes.before(to, i);
        DoubleVector lanes = Lanes.load(values, i, in);
        sums = sums.add(lanes);
        differ |= lanes.compare(NE, first, in).anyTrue();
      }
    }
    if (to - from < 2 || !differ) {
      for (long i = from; i < to; i += WIDTH) {
        Lanes.store(it.normalised(), i, DoubleVector.zero(DOUBLES), Lanes.before(to, i));
      }
      return false;
    }
    double mean = Lanes.sum(sums, scratch.sums) / (to - from);
    double squares =
        it.how() == GroupNormalisation.MEAN_STD ? squares(values, from, to, mean, scratch) : 0;
    double scale =
        switch (it.how()) {
          case MEAN_STD -> 1 / (Math.sqrt(squares / (to - from - 1)) + it.epsilon());
          case MEAN -> 1;
          case LEAVE_ONE_OUT -> (double) (to - from) / (to - from - 1);
        };
    for (long i = from; i < to; i += WIDTH) {
      VectorMask<Double> in = Lanes.before(to, i);
      Lanes.store(it.normalised(), i, Lanes.load(values, i, in).sub(mean).mul(scale), in);
    }
    return true;
  }

  private static double squares(Values values, long from, long to, double mean, Scratch scratch) {
    DoubleVector squares = DoubleVector.zero(DOUBLES);
    for (long i = from; i < to; i += WIDTH) {
      VectorMask<Double> in = Lanes.before(to, i);
      DoubleVector deviation = Lanes.load(values, i, in).sub(mean);
      squares = squares.add(deviation.mul(deviation), in);
    }
    return Lanes.sum(squares, scratch.sums);
  }

  static void whiten(MaskedWhitening it) {
    Scratch scratch = Scratch.get();
    Values values = it.values();
    long size = values.size();
    DoubleVector sums = DoubleVector.zero(DOUBLES);
    long count = 0;
    for (long i = 0; i < size; i += WIDTH) {
      VectorMask<Double> in = Lanes.masked(it.mask(), i, Lanes.before(size, i));
      sums = sums.add(Lanes.load(values, i, in));
      count += in.trueCount();
    }
    double mean = Lanes.sum(sums, scratch.sums) / count;
    DoubleVector squares = DoubleVector.zero(DOUBLES);
    for (long i = 0; i < size; i += WIDTH) {
      VectorMask<Double> in = Lanes.masked(it.mask(), i, Lanes.before(size, i));
      DoubleVector deviation = Lanes.load(values, i, in).sub(mean);
      squares = squares.add(deviation.mul(deviation), in);
    }
    double variance = Lanes.sum(squares, scratch.sums) / (count - 1);
    double scale = 1 / Math.sqrt(variance + it.epsilon());
    for (long i = 0; i < size; i += WIDTH) {
      VectorMask<Double> all = Lanes.before(size, i);
      VectorMask<Double> in = Lanes.masked(it.mask(), i, all);
      DoubleVector whitened =
          count < 2
              ? DoubleVector.zero(DOUBLES)
              : DoubleVector.zero(DOUBLES)
                  .blend(Lanes.load(values, i, in).sub(mean).mul(scale), in);
      Lanes.store(it.whitened(), i, whitened, all);
    }
  }
}
