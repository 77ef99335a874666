package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static dev.tandem.kernels.vector.VectorMath.LONGS;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.L2D;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.tandem.kernels.operation.Philox;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;

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
  private static final int[] EVERY_FOURTH = everyFourth();
  private static final LongVector LANE = LongVector.zero(LONGS).addIndex(1);

  private Gumbel() {}

  /** The token with the largest sum of scaled logit and noise; the first of equals. */
  static int draw(double[] scaled, int size, long seed, long position, Scratch scratch) {
    DoubleVector best = DoubleVector.broadcast(DOUBLES, Double.NEGATIVE_INFINITY);
    DoubleVector ids = DoubleVector.broadcast(DOUBLES, -1);
    for (int from = 0; from < size; from += STEP) {
      LongVector c0 = LANE.add((long) from / WORDS);
      LongVector c1 = LongVector.broadcast(LONGS, Philox.GUMBEL_STREAM);
      LongVector c2 = LongVector.broadcast(LONGS, position & LOW);
      LongVector c3 = LongVector.broadcast(LONGS, position >>> 32);
      int k0 = (int) seed;
      int k1 = (int) (seed >>> 32);
      for (int round = 0; round < Philox.ROUNDS; round++) {
        LongVector product0 = c0.and(LOW).mul(LongVector.broadcast(LONGS, Philox.MULTIPLIER_0));
        LongVector product1 = c2.and(LOW).mul(LongVector.broadcast(LONGS, Philox.MULTIPLIER_1));
        LongVector next0 = product1.lanewise(LSHR, 32).lanewise(XOR, c1).lanewise(XOR, k0 & LOW);
        LongVector next2 = product0.lanewise(LSHR, 32).lanewise(XOR, c3).lanewise(XOR, k1 & LOW);
        c1 = product1.and(LOW);
        c3 = product0.and(LOW);
        c0 = next0;
        c2 = next2;
        k0 += Philox.WEYL_0;
        k1 += Philox.WEYL_1;
      }
      DoubleVector id = DoubleVector.zero(DOUBLES).addIndex(WORDS).add(from);
      DoubleVector key0 = key(scaled, from, c0);
      VectorMask<Double> better = key0.compare(GT, best);
      best = best.blend(key0, better);
      ids = ids.blend(id, better);
      DoubleVector key1 = key(scaled, from + 1, c1);
      better = key1.compare(GT, best);
      best = best.blend(key1, better);
      ids = ids.blend(id.add(1), better);
      DoubleVector key2 = key(scaled, from + 2, c2);
      better = key2.compare(GT, best);
      best = best.blend(key2, better);
      ids = ids.blend(id.add(2), better);
      DoubleVector key3 = key(scaled, from + 3, c3);
      better = key3.compare(GT, best);
      best = best.blend(key3, better);
      ids = ids.blend(id.add(3), better);
    }
    best.intoArray(scratch.sums, 0);
    ids.intoArray(scratch.products, 0);
    int winner = 0;
    for (int lane = 1; lane < WIDTH; lane++) {
      double key = scratch.sums[lane];
      boolean earlier = scratch.products[lane] < scratch.products[winner];
      if (key > scratch.sums[winner] || (key == scratch.sums[winner] && earlier)) {
        winner = lane;
      }
    }
    return (int) scratch.products[winner];
  }

  /** {@code scaled - log(-log((word + 1/2) / 2^32))} for every fourth token. */
  private static DoubleVector key(double[] scaled, int from, LongVector words) {
    DoubleVector uniform =
        ((DoubleVector) words.convertShape(L2D, DOUBLES, 0)).add(0.5).mul(WORD_UNIT);
    DoubleVector noise = VectorMath.log(VectorMath.log(uniform).neg());
    return DoubleVector.fromArray(DOUBLES, scaled, from, EVERY_FOURTH, 0).sub(noise);
  }

  private static int[] everyFourth() {
    int[] indexes = new int[WIDTH];
    for (int lane = 0; lane < WIDTH; lane++) {
      indexes[lane] = WORDS * lane;
    }
    return indexes;
  }
}
