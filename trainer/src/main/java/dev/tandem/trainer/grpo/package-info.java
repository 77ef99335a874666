/**
 * Cross-harness GRPO as pure functions over records: rewards become {@link
 * dev.tandem.trainer.grpo.Advantages}, and a {@link dev.tandem.trainer.grpo.PolicyBatch} becomes a
 * loss with its gradient under a {@link dev.tandem.trainer.grpo.PolicyObjective}. No model, clock
 * or disk is involved.
 *
 * <p>Equation numbers are those of HarnessX, arXiv 2606.14249. All figures are float64; losses are
 * minimised.
 */
@NullMarked
package dev.tandem.trainer.grpo;

import org.jspecify.annotations.NullMarked;
