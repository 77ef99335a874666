package dev.tandem.trainer.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sums of gradients of a decoder's weights; {@link Decoder#newGradients()} makes one, all zeros.
 */
public final class Gradients implements AutoCloseable {

  private final Weights sums;

  Gradients(Weights sums) {
    this.sums = sums;
  }

  Weights sums() {
    return sums;
  }

  /** Returns the Euclidean norm of every tensor's gradient, by the tensor's checkpoint name. */
  public Map<String, Double> norms() {
    Map<String, Double> norms = new LinkedHashMap<>();
    sums.split()
        .forEach(
            (name, values) -> {
              double squares = 0;
              for (float value : values) {
                squares += (double) value * value;
              }
              norms.put(name, Math.sqrt(squares));
            });
    return norms;
  }

  /**
   * Returns a copy of every tensor's gradient in row-major order, by the tensor's checkpoint name.
   */
  public Map<String, float[]> values() {
    return sums.split();
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    sums.close();
  }
}
