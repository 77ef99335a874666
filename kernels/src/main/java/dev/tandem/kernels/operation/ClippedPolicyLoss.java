package dev.tandem.kernels.operation;

/**
 * The clipped policy loss with dual clip and KL penalty, forward and derivative in one pass. Per
 * token in the mask, with A its advantage, w its weight and i its importance weight:
 *
 * <pre>
 *   l  = logProb - behaviourLogProb
 *   r  = exp(clamp(l, -20, 20))
 *   L  = max(-A r, -A clip(r, 1 - low, 1 + high)), and at most -A dualClip where A &lt; 0
 *   L' = -A r inside the bounds that A's sign selects, 0 where r is clipped or l is clamped
 *   total    = sum of w i L + coefficient w KL
 *   gradient = w i L' + coefficient w KL'
 * </pre>
 *
 * <p>(PPO, arXiv 1707.06347, eq. 7; dual clip, arXiv 1912.09729, eq. 5; separate bounds, DAPO,
 * arXiv 2503.14476; KL as in {@link KlEstimator}.) Spelt out, L is -A times r held to {@code [0, 1
 * + high]} for A at least 0 and to {@code [1 - low, dualClip]} for A below.
 *
 * <p>Backends may compute F32 tokens in float64. NaN in a token of the mask reaches its outputs and
 * the sums; {@code CLIPPED_TOKENS} counts no NaN ratio.
 *
 * @param logProbs {@code [tokens]} under the policy being trained
 * @param tokens the other inputs
 * @param bounds how far the policy may move
 * @param kl the pull towards the reference; not read without reference log-probabilities
 * @param terms what is written
 */
public record ClippedPolicyLoss(
    Values logProbs, PolicyTokens tokens, ClipBounds bounds, KlPenalty kl, PolicyTerms terms)
    implements Operation {
  /** Widest log-ratio that is exponentiated; beyond it ratio and k3 are constant. */
  public static final double MAX_LOG_RATIO = 20;

  /** Checks shapes and types. */
  public ClippedPolicyLoss {
    ArrayElement type = tokens.behaviourLogProbs().type();
    Place place = tokens.behaviourLogProbs().place();
    Shapes.input("logProbs", logProbs, type, tokens.size(), place);
    Shapes.output("gradient", terms.gradient(), type, tokens.size(), place);
    Shapes.require(
        kl.coefficient() == 0 || tokens.referenceLogProbs() != null,
        "a KL coefficient of %s needs referenceLogProbs",
        kl.coefficient());
    for (Values output :
        new Values[] {terms.ratios(), terms.losses(), terms.klEstimates(), terms.gradient()}) {
      Shapes.apart("an output", output, "logProbs", logProbs);
      Shapes.apart("an output", output, "behaviourLogProbs", tokens.behaviourLogProbs());
      Shapes.apart("an output", output, "referenceLogProbs", tokens.referenceLogProbs());
      Shapes.apart("an output", output, "advantages", tokens.advantages());
      Shapes.apart("an output", output, "weights", tokens.weights());
      Shapes.apart("an output", output, "importanceWeights", tokens.importanceWeights());
      Shapes.apart("an output", output, "mask", tokens.mask());
    }
  }

  @Override
  public Place place() {
    return logProbs.place();
  }
}
