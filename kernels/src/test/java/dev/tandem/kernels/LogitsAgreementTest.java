package dev.tandem.kernels;

import static dev.tandem.kernels.TestArrays.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.ClipBounds;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.FusedPolicyLoss;
import dev.tandem.kernels.operation.KlEstimator;
import dev.tandem.kernels.operation.KlPenalty;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.SampleTokens;
import dev.tandem.kernels.operation.SamplingRule;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.SelectedLogProbsBackward;
import dev.tandem.kernels.operation.Values;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every backend against the scalar oracle, on the operations over logits. */
final class LogitsAgreementTest {
  private final TestArrays arrays = new TestArrays();
  private final Kernels oracle = Kernels.scalar();

  @AfterEach
  void free() {
    arrays.close();
  }

  /** The oracle has the same numbers in float64. */
  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#logitsOnAll")
  void scoresAndDifferentiates(KernelBackend backend, int rows, int vocabulary, ArrayElement type) {
    Kernels kernels = Backends.supported(backend);
    for (double temperature : new double[] {1, 0.7}) {
      Matrix logits = logits(rows, vocabulary, type);
      Matrix exact = arrays.copy(logits, ArrayElement.F64);
      Values ids = ids(rows, vocabulary);
      SelectedLogProbs expected = scored(exact, ids, temperature);
      SelectedLogProbs actual = scored(logits, ids, temperature);
      oracle.run(expected);
      kernels.run(actual);
      double tolerance = tolerance(type);
      assertClose(actual.logProbs(), expected.logProbs(), tolerance);
      assertClose(require(actual.entropies()), require(expected.entropies()), tolerance);
      assertClose(require(actual.logSumExps()), require(expected.logSumExps()), tolerance);

      Matrix actualGradient = arrays.copy(logits, type);
      oracle.run(backward(exact, ids, expected));
      kernels.run(backward(actualGradient, ids, expected));
      assertClose(actualGradient, exact, gradientTolerance(type));
      TestArrays.assertGapsUntouched(actualGradient);
    }
  }

  /** In the logits' place, from what the oracle found on the way forward. */
  private SelectedLogProbsBackward backward(Matrix logits, Values ids, SelectedLogProbs forward) {
    int rows = (int) logits.rows();
    SplittableRandom random = new SplittableRandom(rows);
    ArrayElement perToken = perToken(logits.type());
    Values entropies = require(forward.entropies());
    return new SelectedLogProbsBackward(
        logits,
        ids,
        forward.temperature(),
        require(forward.logSumExps()),
        arrays.input(perToken, rows, i -> i % 3 == 2 ? 0 : random.nextInt(-64, 64) / 64.0),
        arrays.input(perToken, rows, i -> i % 3 == 2 ? 0 : random.nextInt(-8, 8) / 64.0),
        arrays.input(perToken, rows, entropies::get));
  }

  /** So that no run depends on what its JVM can do. */
  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#singleRows")
  void vectorsGiveTheBitsOfPlainJava(int rows, int vocabulary, ArrayElement type) {
    Kernels kernels = Backends.supported(KernelBackend.VECTOR_API);
    for (double temperature : new double[] {1, 0.7}) {
      Matrix logits = logits(rows, vocabulary, type);
      Values ids = ids(rows, vocabulary);
      SelectedLogProbs expected = scored(logits, ids, temperature);
      SelectedLogProbs actual = scored(logits, ids, temperature);
      oracle.run(expected);
      kernels.run(actual);
      assertSame(actual.logProbs(), expected.logProbs());
      assertSame(require(actual.entropies()), require(expected.entropies()));
      assertSame(require(actual.logSumExps()), require(expected.logSumExps()));
      Matrix gradient = arrays.copy(logits, type);
      kernels.run(backward(gradient, ids, expected));
      oracle.run(backward(logits, ids, expected));
      for (long row = 0; row < rows; row++) {
        assertSame(gradient.row(row), logits.row(row));
      }
    }
  }

  private static void assertSame(Values actual, Values expected) {
    assertThat(TestArrays.doubles(actual)).isEqualTo(TestArrays.doubles(expected));
  }

  /** Rows in turn: plain, wide, all impossible but one, all impossible, NaN, +infinity, equal. */
  private Matrix logits(int rows, int vocabulary, ArrayElement type) {
    SplittableRandom random = new SplittableRandom(rows + 31L * vocabulary);
    return arrays.matrix(
        type,
        rows,
        vocabulary,
        i -> {
          long row = i / vocabulary;
          long column = i % vocabulary;
          return switch ((int) (row % 9)) {
            case 0, 7 -> 3 * random.nextGaussian();
            case 1 -> random.nextDouble(-1e4, 1e4);
            case 2 -> column == vocabulary / 2 ? -1e4 : Double.NEGATIVE_INFINITY;
            case 3 -> Double.NEGATIVE_INFINITY;
            case 4 -> column == vocabulary - 1 ? Double.NaN : 1;
            case 5 -> column == vocabulary / 3 ? Double.POSITIVE_INFINITY : 1;
            case 6 -> -7;
            // Rises all along, so that the largest is always still to come.
            default -> column * 100.0 / vocabulary;
          };
        });
  }

  private Values ids(int rows, int vocabulary) {
    int[] ids = new int[rows];
    SplittableRandom random = new SplittableRandom(rows);
    for (int row = 0; row < rows; row++) {
      ids[row] = row % 4 == 0 ? vocabulary - 1 : random.nextInt(vocabulary);
    }
    return arrays.ints(ids);
  }

  private SelectedLogProbs scored(Matrix logits, Values ids, double temperature) {
    ArrayElement perToken = perToken(logits.type());
    return new SelectedLogProbs(
        logits,
        ids,
        temperature,
        arrays.output(perToken, logits.rows()),
        arrays.output(perToken, logits.rows()),
        arrays.output(ArrayElement.F64, logits.rows()));
  }

  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#logits")
  void fusesTheLoss(KernelBackend backend, int rows, int vocabulary, ArrayElement type) {
    Kernels kernels = Backends.supported(backend);
    Matrix logits = logits(rows, vocabulary, type);
    Values ids = ids(rows, vocabulary);
    ArrayElement perToken = perToken(type);
    SplittableRandom random = new SplittableRandom(rows);
    // Rows without meaning are masked, and their logits are NaN or worse.
    Values mask = arrays.mask(rows, row -> row % 9 >= 2 && row % 9 <= 5 ? 0 : 1);
    SelectedLogProbs scored = scored(logits, ids, 1);
    oracle.run(scored);
    Values behaviour =
        arrays.input(
            perToken, rows, row -> scored.logProbs().get(row) + random.nextDouble(-0.2, 0.2));
    PolicyTokens tokens =
        new PolicyTokens(
            behaviour,
            arrays.copy(behaviour),
            arrays.input(perToken, rows, row -> random.nextDouble(-1, 1)),
            mask,
            arrays.input(perToken, rows, row -> 1),
            null);
    FusedPolicyLoss expected = fused(arrays.copy(logits, type), ids, tokens);
    FusedPolicyLoss actual = fused(arrays.copy(logits, type), ids, tokens);
    oracle.run(expected);
    kernels.run(actual);
    assertClose(actual.loss().logProbs(), expected.loss().logProbs(), tolerance(type));
    assertClose(
        actual.loss().terms().gradient(), expected.loss().terms().gradient(), 20 * tolerance(type));
    assertClose(
        actual.loss().terms().sums(), expected.loss().terms().sums(), 20 * rows * tolerance(type));
    assertClose(actual.logits(), expected.logits(), 20 * gradientTolerance(type));
    TestArrays.assertGapsUntouched(actual.logits());
  }

  private FusedPolicyLoss fused(Matrix logits, Values ids, PolicyTokens tokens) {
    ArrayElement type = perToken(logits.type());
    return new FusedPolicyLoss(
        logits,
        ids,
        1,
        new ClippedPolicyLoss(
            arrays.output(type, logits.rows()),
            tokens,
            // So wide that rounding never decides which side of a bound a ratio is on.
            new ClipBounds(0.9, 9, 30),
            new KlPenalty(KlEstimator.K3, 0.1),
            new PolicyTerms(
                arrays.output(type, logits.rows()),
                null,
                null,
                arrays.output(type, logits.rows()),
                arrays.output(ArrayElement.F64, PolicySum.COUNT))));
  }

  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#logits")
  void drawsTheSameTokens(KernelBackend backend, int rows, int vocabulary, ArrayElement type) {
    Kernels kernels = Backends.supported(backend);
    int few = Math.min(rows, 20);
    Matrix logits = logits(few, vocabulary, type);
    for (SamplingRule.Draw draw : SamplingRule.Draw.values()) {
      for (SamplingRule rule :
          new SamplingRule[] {
            new SamplingRule(0, 0, 1, 0, draw),
            new SamplingRule(1, 0, 1, 0, draw),
            new SamplingRule(0.7, 50, 1, 0, draw),
            new SamplingRule(1.3, 0, 0.9, 0, draw),
            new SamplingRule(1, 0, 1, 0.05, draw),
            new SamplingRule(0.9, 40, 0.95, 0.01, draw)
          }) {
        SampleTokens expected = drawn(logits, rule);
        SampleTokens actual = drawn(logits, rule);
        oracle.run(expected);
        kernels.run(actual);
        assertThat(TestArrays.doubles(actual.tokens()))
            .as(rule.toString())
            .isEqualTo(TestArrays.doubles(expected.tokens()));
        assertClose(actual.logProbs(), expected.logProbs(), tolerance(type));
      }
    }
  }

  private SampleTokens drawn(Matrix logits, SamplingRule rule) {
    return new SampleTokens(
        logits,
        arrays.input(ArrayElement.I64, logits.rows(), row -> 0x123456789L * row),
        arrays.input(ArrayElement.I64, logits.rows(), row -> 0xABCDEF0123L + row),
        rule,
        arrays.output(ArrayElement.I32, logits.rows()),
        arrays.output(perToken(logits.type()), logits.rows()));
  }

  private static ArrayElement perToken(ArrayElement type) {
    return type == ArrayElement.F64 ? ArrayElement.F64 : ArrayElement.F32;
  }

  /**
   * Sums are blocked, so the error hardly grows with the vocabulary. What remains is that of
   * dividing logits of 10,000 by the temperature.
   */
  private static double tolerance(ArrayElement type) {
    return type == ArrayElement.F64 ? 2e-12 : 4e-6;
  }

  /** Gradients of BF16 logits are rounded to 8 bits. */
  private static double gradientTolerance(ArrayElement type) {
    return switch (type) {
      case F64 -> 2e-12;
      case BF16 -> 0x1p-8;
      default -> 2e-6;
    };
  }

  private static Values require(@Nullable Values values) {
    return Objects.requireNonNull(values);
  }
}
