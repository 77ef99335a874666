package dev.tandem.kernels.operation;

import org.jspecify.annotations.Nullable;

/**
 * Whitens the values in a mask over all of them: {@code (v - mean) / sqrt(variance + epsilon)},
 * with the sample variance (n - 1), as PPO implementations whiten advantages (Huang et al., "The 37
 * implementation details of PPO", 2022).
 *
 * <p>Values outside the mask become 0. With fewer than two values in the mask all become 0.
 *
 * @param values {@code [values]}
 * @param mask {@code [values]} BOOL; null for all
 * @param epsilon added to the variance, at least 0
 * @param whitened {@code [values]}, written; may be {@code values} itself
 */
public record MaskedWhitening(Values values, @Nullable Values mask, double epsilon, Values whitened)
    implements Operation {
  /** Checks shapes and types. */
  public MaskedWhitening {
    Shapes.precise("values", values.type());
    Shapes.input("mask", mask, ArrayElement.BOOL, values.size(), values.place());
    Shapes.epsilon(epsilon);
    Shapes.output("whitened", whitened, values.type(), values.size(), values.place());
    Shapes.sameOrApart("whitened", whitened, "values", values);
    Shapes.apart("whitened", whitened, "mask", mask);
  }

  @Override
  public Place place() {
    return values.place();
  }
}
