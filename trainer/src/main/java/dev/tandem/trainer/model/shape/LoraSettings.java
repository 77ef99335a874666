package dev.tandem.trainer.model.shape;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A low-rank adapter (Hu et al. 2021): the targeted projections compute {@code W x + (alpha / rank)
 * B A x} with W frozen.
 *
 * @param rank rows of A and columns of B
 * @param alpha numerator of the adapter's scale
 * @param targets the adapted projections, in every block
 */
public record LoraSettings(int rank, double alpha, Set<Projection> targets) {

  /** Checks the ranges. */
  public LoraSettings {
    if (rank < 1) {
      throw new IllegalArgumentException("LoRA's rank must be at least 1, was " + rank);
    }
    if (!(alpha > 0) || !Double.isFinite(alpha)) {
      throw new IllegalArgumentException("LoRA's alpha must be positive, was " + alpha);
    }
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("LoRA has no targets; name projections such as q_proj");
    }
    targets = Collections.unmodifiableSet(EnumSet.copyOf(targets));
  }

  /**
   * Names the targets as an adapter's configuration does.
   *
   * @throws IllegalArgumentException when a target matches no projection; the message names it
   */
  public static LoraSettings of(int rank, double alpha, Collection<String> targets) {
    return new LoraSettings(
        rank, alpha, targets.stream().map(Projection::named).collect(Collectors.toSet()));
  }

  /** What B A is multiplied by. */
  public double scale() {
    return alpha / rank;
  }

  /** The targets among projections of one input, in order. */
  public List<Projection> among(List<Projection> fused) {
    return fused.stream().filter(targets::contains).toList();
  }
}
