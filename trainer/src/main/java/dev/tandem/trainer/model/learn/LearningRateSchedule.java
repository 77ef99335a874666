package dev.tandem.trainer.model.learn;

/**
 * The learning rate of every step, a pure function: a resumed run needs to know its step, nothing
 * else.
 */
public sealed interface LearningRateSchedule {

  /** The rate at the peak. */
  double peak();

  /** Steps over which the rate rises linearly; the last of them has the peak's rate. */
  double warmUpSteps();

  /**
   * Returns the rate of one step.
   *
   * @param step counted from 0
   */
  double at(long step);

  /** The peak's rate to the end. */
  record Constant(double peak, double warmUpSteps) implements LearningRateSchedule {

    /** Checks the ranges. */
    public Constant {
      require(peak, warmUpSteps);
    }

    @Override
    public double at(long step) {
      return step < warmUpSteps ? peak * (step + 1) / warmUpSteps : peak;
    }
  }

  /**
   * Half a cosine from the peak, where the warm-up ends, to nothing.
   *
   * @param steps where nothing is left; the rate stays 0 from there on
   */
  record Cosine(double peak, double warmUpSteps, long steps) implements LearningRateSchedule {

    /** Checks the ranges. */
    public Cosine {
      require(peak, warmUpSteps);
      if (steps < 0) {
        throw new IllegalArgumentException("steps must not be negative, was " + steps);
      }
    }

    @Override
    public double at(long step) {
      if (step < warmUpSteps) {
        return peak * (step + 1) / warmUpSteps;
      }
      return step >= steps
          ? 0
          : peak * 0.5 * (1 + Math.cos(Math.PI * (step - warmUpSteps) / (steps - warmUpSteps)));
    }
  }

  private static void require(double peak, double warmUpSteps) {
    if (!(peak >= 0) || !Double.isFinite(peak)) {
      throw new IllegalArgumentException("peak must not be negative, was " + peak);
    }
    if (!(warmUpSteps >= 0)) {
      throw new IllegalArgumentException("warmUpSteps must not be negative, was " + warmUpSteps);
    }
  }
}
