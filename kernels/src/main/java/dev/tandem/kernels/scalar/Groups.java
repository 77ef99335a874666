package dev.tandem.kernels.scalar;

import dev.tandem.kernels.operation.GroupNormalisation;
import dev.tandem.kernels.operation.NormaliseGroups;
import dev.tandem.kernels.operation.Values;

/** {@link NormaliseGroups}. */
final class Groups {
  private Groups() {}

  static void normalise(NormaliseGroups it) {
    long withoutSignal = 0;
    for (long group = 0; group < it.groups(); group++) {
      long from = it.offsets().getLong(group);
      long to = it.offsets().getLong(group + 1);
      withoutSignal += normalise(it, from, to) ? 0 : 1;
    }
    it.withoutSignal().setLong(0, withoutSignal);
  }

  /** Returns whether the group has a signal. */
  private static boolean normalise(NormaliseGroups it, long from, long to) {
    Values values = it.values();
    double sum = 0;
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    for (long i = from; i < to; i++) {
      sum += values.get(i);
      least = Math.min(least, values.get(i));
      greatest = Math.max(greatest, values.get(i));
    }
    // Asked of the values and not of their variance: rounding in the mean of equal values would
    // leave a variance that is not quite zero.
    if (to - from < 2 || least == greatest) {
      for (long i = from; i < to; i++) {
        it.normalised().set(i, 0);
      }
      return false;
    }
    double mean = sum / (to - from);
    double squares = 0;
    for (long i = from; i < to; i++) {
      squares += (values.get(i) - mean) * (values.get(i) - mean);
    }
    double scale = scale(it.how(), to - from, squares, it.epsilon());
    for (long i = from; i < to; i++) {
      it.normalised().set(i, (values.get(i) - mean) * scale);
    }
    return true;
  }

  /** What a deviation from the mean is multiplied by, in a group of at least two. */
  private static double scale(
      GroupNormalisation how, long members, double squaredDeviations, double epsilon) {
    return switch (how) {
      case MEAN_STD -> 1 / (Math.sqrt(squaredDeviations / (members - 1)) + epsilon);
      case MEAN -> 1;
      case LEAVE_ONE_OUT -> (double) members / (members - 1);
    };
  }
}
