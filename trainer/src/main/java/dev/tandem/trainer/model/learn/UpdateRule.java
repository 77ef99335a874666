package dev.tandem.trainer.model.learn;

import dev.tandem.trainer.model.shape.WeightLayout;

/** How an optimiser turns gradients into steps. */
public sealed interface UpdateRule permits AdamWSettings, MuonSettings {

  /** AdamW's constants, for all that the rule does not orthogonalise. */
  AdamWSettings adamW();

  /** Whether a matrix moves along its orthogonalised momentum, and so has no second moment. */
  boolean orthogonalises(WeightLayout.Slot slot);

  /** Decay of the sum of gradients in what is orthogonalised. */
  double momentum();
}
