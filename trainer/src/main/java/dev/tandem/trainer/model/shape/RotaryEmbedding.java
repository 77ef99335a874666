package dev.tandem.trainer.model.shape;

/**
 * Rotary position embedding (Su et al. 2021): pair {@code i} of a head turns by {@code position *
 * frequency(i)}.
 *
 * @param theta base of the geometric series of frequencies
 * @param scaling how frequencies are stretched for contexts beyond the pre-training length
 */
public record RotaryEmbedding(double theta, Scaling scaling) {

  /** How frequencies are stretched. */
  public sealed interface Scaling {}

  /** Frequencies as they are. */
  public record Unscaled() implements Scaling {}

  /**
   * Every wavelength times {@code factor}: positions are interpolated (Chen et al. 2023).
   *
   * @param factor at least 1
   */
  public record Linear(double factor) implements Scaling {

    /** Checks the range. */
    public Linear {
      if (!(factor >= 1)) {
        throw new IllegalArgumentException(
            "linear scaling needs factor >= 1, was factor " + factor);
      }
    }
  }

  /**
   * Llama 3.1's rule: long wavelengths are divided by {@code factor}, short ones are kept, those in
   * between are blended.
   *
   * @param factor stretch of the longest wavelengths
   * @param lowFrequencyFactor wavelengths above {@code originalMaxPositions / lowFrequencyFactor}
   *     are stretched fully
   * @param highFrequencyFactor wavelengths below {@code originalMaxPositions / highFrequencyFactor}
   *     are kept
   * @param originalMaxPositions context length of pre-training
   */
  public record Llama3(
      double factor,
      double lowFrequencyFactor,
      double highFrequencyFactor,
      int originalMaxPositions)
      implements Scaling {

    /** Checks the ranges. */
    public Llama3 {
      if (factor < 1 || highFrequencyFactor <= lowFrequencyFactor || originalMaxPositions < 1) {
        throw new IllegalArgumentException(
            "llama3 scaling needs factor >= 1, high_freq_factor > low_freq_factor and"
                + " original_max_position_embeddings >= 1, was factor %s, high %s, low %s, original %d"
                    .formatted(
                        factor, highFrequencyFactor, lowFrequencyFactor, originalMaxPositions));
      }
    }
  }

  /** Checks the ranges. */
  public RotaryEmbedding {
    if (!(theta > 0)) {
      throw new IllegalArgumentException("rope_theta must be positive, was " + theta);
    }
  }

  /** Returns the angles per position, [headDimension / 2]. */
  public double[] frequencies(int headDimension) {
    double[] frequencies = new double[headDimension / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = scaled(Math.pow(theta, -2.0 * i / headDimension));
    }
    return frequencies;
  }

  private double scaled(double frequency) {
    return switch (scaling) {
      case Unscaled _ -> frequency;
      case Linear rule -> frequency / rule.factor();
      case Llama3 rule -> {
        double turns = rule.originalMaxPositions() * frequency / (2 * Math.PI);
        double kept =
            (turns - rule.lowFrequencyFactor())
                / (rule.highFrequencyFactor() - rule.lowFrequencyFactor());
        double share = Math.clamp(kept, 0.0, 1.0);
        yield share * frequency + (1 - share) * frequency / rule.factor();
      }
    };
  }
}
