package dev.tandem.trainer.model.learn;

import dev.tandem.trainer.model.shape.WeightLayout;

/**
 * Muon (Jordan et al. 2024): the layers' projection matrices move along their Nesterov momentum
 * with all singular values brought near one by five Newton-Schulz iterations; embeddings, the
 * output head, norm gains and biases move by AdamW. A step is scaled by 0.2 sqrt(max(rows,
 * columns)), so that learning rate and weight decay mean what they mean for AdamW (Liu et al. 2025,
 * arXiv 2502.16982).
 *
 * @param momentum decay of the sum of gradients
 * @param adamW constants of the rest; its weight decay holds for all matrices
 */
public record MuonSettings(double momentum, AdamWSettings adamW) implements UpdateRule {

  public MuonSettings {
    AdamWSettings.requireShare("momentum", momentum);
  }

  /** The usual momentum. */
  public static MuonSettings with(AdamWSettings adamW) {
    return new MuonSettings(0.95, adamW);
  }

  @Override
  public boolean orthogonalises(WeightLayout.Slot slot) {
    return slot.isProjection();
  }
}
