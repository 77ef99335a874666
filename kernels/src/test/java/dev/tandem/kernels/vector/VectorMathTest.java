package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static dev.tandem.kernels.vector.VectorMath.FLOATS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.kernels.operation.SingleRows;
import java.util.SplittableRandom;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** The accuracy that the comments state, against the JDK's functions. */
final class VectorMathTest {
  private static final int SAMPLES = 20_000;

  @Test
  void exponentialsAreGoodToTheLastDigit() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < SAMPLES; i++) {
      double x = random.nextDouble(-708, 700);
      assertUnits(exp(x), StrictMath.exp(x), 2);
      double small = random.nextDouble(-0.5, 0.5);
      assertUnits(expm1(small), StrictMath.expm1(small), 4);
    }
    assertThat(exp(0)).isEqualTo(1);
    assertThat(exp(-800)).isZero();
    assertThat(exp(Double.NEGATIVE_INFINITY)).isZero();
    assertThat(exp(Double.NaN)).isNaN();
    assertThat(expm1(1e-300)).isEqualTo(1e-300);
    assertThat(expm1(Double.NaN)).isNaN();
  }

  @Test
  void logarithmsAreGoodToTheLastDigits() {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < SAMPLES; i++) {
      double x = Math.scalb(random.nextDouble(1, 2), random.nextInt(-300, 300));
      assertUnits(log(x), StrictMath.log(x), 4);
      double nearOne = 1 - random.nextDouble() * 0x1p-20;
      assertUnits(log(nearOne), StrictMath.log(nearOne), 4);
    }
    assertThat(log(1)).isZero();
  }

  @Test
  void floatPowersAreGoodToTheLastDigits() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < SAMPLES; i++) {
      float x = (float) random.nextDouble(-126, 60);
      float expected = (float) Math.pow(2, x);
      assertThat(Math.abs(power(x) - expected)).isLessThanOrEqualTo(2 * Math.ulp(expected));
    }
    assertThat(power(SingleRows.LEAST_POWER)).isZero();
    assertThat(power(Float.NaN)).isNaN();
  }

  private static void assertUnits(double actual, double expected, int units) {
    assertThat(Math.abs(actual - expected)).isLessThanOrEqualTo(units * Math.ulp(expected));
  }

  private static double exp(double x) {
    return VectorMath.exp(DoubleVector.broadcast(DOUBLES, x)).lane(0);
  }

  private static double expm1(double x) {
    return VectorMath.expm1(DoubleVector.broadcast(DOUBLES, x)).lane(0);
  }

  private static double log(double x) {
    return VectorMath.log(DoubleVector.broadcast(DOUBLES, x)).lane(0);
  }

  private static float power(float x) {
    return VectorMath.power(FloatVector.broadcast(FLOATS, x), FloatVector.broadcast(FLOATS, 1))
        .lane(0);
  }
}
