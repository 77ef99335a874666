package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static dev.tandem.kernels.vector.VectorMath.LONGS;
import static jdk.incubator.vector.VectorOperators.L2D;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.tandem.kernels.operation.Philox;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;

/**
 * The Gumbel-max draw. Each lane computes one block of {@link Philox}, whose four words belong to
 * four tokens that follow each other; so the lanes of one word are four tokens apart.
 */
final class Gumbel {
  private static final int WORDS = 4;

  /** Tokens that are looked at together. */
  static final int STEP = WORDS * WIDTH;

  private static final long LOW = 0xFFFFFFFFL;
  private static final double WORD_UNIT = 0x1p-32;
  private static final LongVector LANE = LongVector.zero(LONGS).addIndex(1);

  private Gumbel() {}

  /** The token with the largest sum of scaled logit and noise; the first of equals. */
  static int draw(double[] scaled, int size, long seed, long position, Scratch scratch) {
    double[] noise = scratch.columns[0];
    double best = Double.NEGATIVE_INFINITY;
    int token = -1;
    for (int from = 0; from < size; from += STEP) {
      fill(from / WORDS, seed, position, scratch.words);
      for (int word = 0; word < WORDS; word++) {
        exponential(scratch.words[word], noise, word * WIDTH);
        logarithm(noise, word * WIDTH);
      }
      for (int i = 0; i < STEP; i++) {
        double key = scaled[from + i] - noise[(i % WORDS) * WIDTH + i / WORDS];
        if (key > best) {
          best = key;
          token = from + i;
        }
      }
    }
    return token;
  }

  /** The words of as many blocks as there are lanes. */
  private static void fill(int firstBlock, long seed, long position, long[][] words) {
    LANE.add((long) firstBlock).intoArray(words[0], 0);
    LongVector.broadcast(LONGS, Philox.GUMBEL_STREAM).intoArray(words[1], 0);
    LongVector.broadcast(LONGS, position & LOW).intoArray(words[2], 0);
    LongVector.broadcast(LONGS, position >>> 32).intoArray(words[3], 0);
    int k0 = (int) seed;
    int k1 = (int) (seed >>> 32);
    for (int round = 0; round < Philox.ROUNDS; round++) {
      round(words[0], words[1], words[2], words[3], k0 & LOW, k1 & LOW);
      k0 += Philox.WEYL_0;
      k1 += Philox.WEYL_1;
    }
  }

  private static void round(long[] w0, long[] w1, long[] w2, long[] w3, long k0, long k1) {
    LongVector product0 = LongVector.fromArray(LONGS, w0, 0).mul(Philox.MULTIPLIER_0);
    LongVector product1 = LongVector.fromArray(LONGS, w2, 0).mul(Philox.MULTIPLIER_1);
    LongVector c1 = LongVector.fromArray(LONGS, w1, 0);
    LongVector c3 = LongVector.fromArray(LONGS, w3, 0);
    product1.lanewise(LSHR, 32).lanewise(XOR, c1).lanewise(XOR, k0).intoArray(w0, 0);
    product1.and(LOW).intoArray(w1, 0);
    product0.lanewise(LSHR, 32).lanewise(XOR, c3).lanewise(XOR, k1).intoArray(w2, 0);
    product0.and(LOW).intoArray(w3, 0);
  }

  /** {@code -log((word + 1/2) / 2^32)}. */
  private static void exponential(long[] words, double[] noise, int at) {
    DoubleVector uniform =
        ((DoubleVector) LongVector.fromArray(LONGS, words, 0).convertShape(L2D, DOUBLES, 0))
            .add(0.5)
            .mul(WORD_UNIT);
    VectorMath.log(uniform).neg().intoArray(noise, at);
  }

  /** By an array, since two logarithms are more than the compiler inlines into one method. */
  private static void logarithm(double[] noise, int at) {
    VectorMath.log(DoubleVector.fromArray(DOUBLES, noise, at)).intoArray(noise, at);
  }
}
