package dev.tandem.trainer.recipe;

import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.Projection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * Whether the run trains an adapter instead of all weights.
 *
 * @param rank of the adapter; 0 trains all weights
 * @param alpha the adapter's output is scaled by alpha / rank
 * @param targets projections that it adapts, in every block
 */
public record LoraRecipe(int rank, double alpha, List<Projection> targets) {
  public static final LoraRecipe OFF = new LoraRecipe(0, 16, List.of(Projection.values()));

  public LoraRecipe {
    Require.atLeast("rank", rank, 0);
    Require.within("alpha", alpha, 1e-6, 1e6);
    if (targets.isEmpty()) {
      throw new IllegalArgumentException(
          "targets must name a projection, such as q_proj; set rank to 0 for no adapter");
    }
    targets = List.copyOf(targets);
  }

  /** The adapter; empty when all weights learn. */
  public Optional<LoraSettings> settings() {
    return rank == 0
        ? Optional.empty()
        : Optional.of(new LoraSettings(rank, alpha, EnumSet.copyOf(targets)));
  }
}
