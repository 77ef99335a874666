package dev.tandem.kernels.operation;

import org.jspecify.annotations.Nullable;

/**
 * What a policy loss writes. Tokens outside the mask get 0 everywhere. Per-token arrays that are
 * not wanted are null.
 *
 * @param ratios {@code [tokens]} importance ratios r
 * @param losses {@code [tokens]} unweighted policy losses
 * @param klEstimates {@code [tokens]} unweighted KL estimates; 0 without a reference
 * @param gradient {@code [tokens]} derivative of the whole loss with respect to each
 *     log-probability, weights and KL included
 * @param sums {@code [PolicySum.COUNT]} F64, see {@link PolicySum}
 */
public record PolicyTerms(
    @Nullable Values ratios,
    @Nullable Values losses,
    @Nullable Values klEstimates,
    Values gradient,
    Values sums) {
  /** Checks shapes and types. */
  public PolicyTerms {
    ArrayElement type = gradient.type();
    Place place = gradient.place();
    long tokens = gradient.size();
    Shapes.precise("gradient", type);
    Shapes.writable("gradient", gradient.segment());
    Shapes.output("ratios", ratios, type, tokens, place);
    Shapes.output("losses", losses, type, tokens, place);
    Shapes.output("klEstimates", klEstimates, type, tokens, place);
    Shapes.output("sums", sums, ArrayElement.F64, PolicySum.COUNT, place);
    Shapes.apart("ratios", ratios, "losses", losses);
    Shapes.apart("ratios", ratios, "klEstimates", klEstimates);
    Shapes.apart("ratios", ratios, "gradient", gradient);
    Shapes.apart("losses", losses, "klEstimates", klEstimates);
    Shapes.apart("losses", losses, "gradient", gradient);
    Shapes.apart("klEstimates", klEstimates, "gradient", gradient);
    Shapes.apart("sums", sums, "gradient", gradient);
  }
}
