package dev.tandem.trainer.model;

import ai.djl.pytorch.engine.PtNDArray;

/**
 * Cosines and sines per position, [positions, headDimension], computed in double precision.
 *
 * <p>The program rotates by {@code x * cos + roll(x, half) * sin}, so the first half of a row of
 * sines is negated.
 */
record RotaryTable(int positions, PtNDArray cosines, PtNDArray sines) {

  static RotaryTable create(ModelSpec spec, int positions, Scope scope) {
    int width = spec.headDimension();
    int half = width / 2;
    double[] frequencies = spec.rotary().frequencies(width);
    float[] cosines = new float[positions * width];
    float[] sines = new float[positions * width];
    for (int position = 0; position < positions; position++) {
      for (int i = 0; i < half; i++) {
        double angle = position * frequencies[i];
        int at = position * width + i;
        cosines[at] = (float) Math.cos(angle);
        cosines[at + half] = cosines[at];
        sines[at + half] = (float) Math.sin(angle);
        sines[at] = -sines[at + half];
      }
    }
    return new RotaryTable(
        positions, scope.floats(cosines, positions, width), scope.floats(sines, positions, width));
  }
}
