package dev.tandem.trainer.model.learn;

import dev.tandem.kernels.operation.Values;

/**
 * What kernels find out about a chunk's tokens.
 *
 * @param logProbs [tokens]
 * @param entropies [tokens]
 * @param logSumExps [tokens] of the logits
 */
@SuppressWarnings("ArrayRecordComponent") // written by kernels
record RowFigures(float[] logProbs, float[] entropies, double[] logSumExps) {
  RowFigures(int tokens) {
    this(new float[tokens], new float[tokens], new double[tokens]);
  }

  /** As they were when a way forward ended. */
  static RowFigures of(ForwardPass.Held held) {
    return new RowFigures(floats(held.logProbs()), floats(held.entropies()), held.logSumExps());
  }

  Values logProbs(int from, int to) {
    return Values.of(logProbs).slice(from, to);
  }

  Values entropies(int from, int to) {
    return Values.of(entropies).slice(from, to);
  }

  Values logSumExps(int from, int to) {
    return Values.of(logSumExps).slice(from, to);
  }

  TokenScores scores() {
    return scores(0, logProbs.length);
  }

  TokenScores scores(int from, int to) {
    return new TokenScores(doubles(logProbs, from, to), doubles(entropies, from, to));
  }

  private static double[] doubles(float[] values, int from, int to) {
    double[] doubles = new double[to - from];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = values[from + i];
    }
    return doubles;
  }

  static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
