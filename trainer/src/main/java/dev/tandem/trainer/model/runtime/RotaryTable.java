package dev.tandem.trainer.model.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.TensorScope;

/**
 * Cosines and sines per position, [positions, headDimension], computed in double precision.
 *
 * <p>The program rotates by {@code x * cos + roll(x, half) * sin}, so the first half of a row of
 * sines is negated.
 */
public record RotaryTable(int positions, PtNDArray cosines, PtNDArray sines) {

  static RotaryTable create(ModelSpec spec, int positions, TensorScope scope) {
    int width = spec.headDimension();
    int half = width / 2;
    double[] frequencies = spec.rotary().frequencies(width);
    double[] cosines = new double[positions * width];
    double[] sines = new double[positions * width];
    for (int position = 0; position < positions; position++) {
      for (int i = 0; i < half; i++) {
        double angle = position * frequencies[i];
        int at = position * width + i;
        cosines[at] = Math.cos(angle);
        cosines[at + half] = cosines[at];
        sines[at + half] = Math.sin(angle);
        sines[at] = -sines[at + half];
      }
    }
    return new RotaryTable(
        positions,
        scope.doubles(cosines, positions, width),
        scope.doubles(sines, positions, width));
  }
}
