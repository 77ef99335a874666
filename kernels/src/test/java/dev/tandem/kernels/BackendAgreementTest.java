package dev.tandem.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every backend against the scalar oracle, at sizes that leave every kind of tail. */
class BackendAgreementTest {
  private static final double ULP_SLACK = 8 * Math.ulp(1.0);
  private static final ClipBounds BOUNDS = new ClipBounds(0.2, 0.28, 3);

  static Stream<Arguments> backendsAndSizes() {
    return Arrays.stream(KernelBackend.values())
        .flatMap(
            backend -> Stream.of(1, 7, 16, 207, 4098).map(size -> Arguments.of(backend, size)));
  }

  @ParameterizedTest
  @MethodSource("backendsAndSizes")
  void normalisesRaggedGroupsAsTheOracleDoes(KernelBackend backend, int size) {
    Kernels kernels = supported(backend);
    SplittableRandom random = new SplittableRandom(size);
    double[] values = random.doubles(size).toArray();
    int[] offsets = raggedOffsets(random, size);
    for (GroupNormalisation how : GroupNormalisation.values()) {
      double[] actual = new double[size];
      double[] expected = new double[size];
      int withoutSignal = kernels.normaliseGroups(values, offsets, how, 1e-6, actual);
      int oracle = Kernels.scalar().normaliseGroups(values, offsets, how, 1e-6, expected);
      assertThat(withoutSignal).isEqualTo(oracle);
      assertClose(actual, expected, size * ULP_SLACK);
    }
  }

  @ParameterizedTest
  @MethodSource("backendsAndSizes")
  void clipsAsTheOracleDoes(KernelBackend backend, int size) {
    Kernels kernels = supported(backend);
    for (ClipBounds bounds :
        new ClipBounds[] {BOUNDS, new ClipBounds(0.2, 0.2, Double.POSITIVE_INFINITY)}) {
      TokenBatch tokens = randomTokens(size);
      PolicyLossTerms actual = kernels.clippedPolicyLoss(tokens, bounds);
      PolicyLossTerms expected = Kernels.scalar().clippedPolicyLoss(tokens, bounds);
      assertClose(actual.ratios(), expected.ratios(), ULP_SLACK);
      assertClose(actual.losses(), expected.losses(), ULP_SLACK);
      assertClose(actual.derivatives(), expected.derivatives(), ULP_SLACK);
      assertThat(actual.clippedTokens()).isEqualTo(expected.clippedTokens());
    }
  }

  @ParameterizedTest
  @MethodSource("backendsAndSizes")
  void survivesExtremesAsTheOracleDoes(KernelBackend backend, int size) {
    Kernels kernels = supported(backend);
    double[] extremes = {
      Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -700, 700, 20, -20, 0
    };
    TokenBatch tokens = randomTokens(size);
    for (int i = 0; i < size; i++) {
      tokens.logProbs()[i] = extremes[i % extremes.length];
      tokens.behaviourLogProbs()[i] = i % 3 == 0 ? extremes[(i / 3) % extremes.length] : 0;
    }
    PolicyLossTerms actual = kernels.clippedPolicyLoss(tokens, BOUNDS);
    PolicyLossTerms expected = Kernels.scalar().clippedPolicyLoss(tokens, BOUNDS);
    assertClose(actual.ratios(), expected.ratios(), ULP_SLACK);
    assertClose(actual.losses(), expected.losses(), ULP_SLACK);
    assertClose(actual.derivatives(), expected.derivatives(), ULP_SLACK);
    assertThat(actual.clippedTokens()).isEqualTo(expected.clippedTokens());
  }

  @ParameterizedTest
  @MethodSource("backendsAndSizes")
  void neverLooksAtMaskedTokens(KernelBackend backend, int size) {
    Kernels kernels = supported(backend);
    double[] poison = new double[size];
    Arrays.fill(poison, Double.NaN);
    boolean[] nothing = new boolean[size];
    PolicyLossTerms terms =
        kernels.clippedPolicyLoss(new TokenBatch(poison, poison, poison, nothing), BOUNDS);
    assertThat(terms.ratios()).containsOnly(0.0);
    assertThat(terms.losses()).containsOnly(0.0);
    assertThat(terms.derivatives()).containsOnly(0.0);
    assertThat(terms.clippedTokens()).isZero();
    assertThat(kernels.maskedSum(poison, nothing)).isZero();
    assertThat(kernels.maskedMean(poison, nothing, 0, size)).isZero();
    assertThat(kernels.weightedSum(poison, new double[size])).isZero();
  }

  @ParameterizedTest
  @MethodSource("backendsAndSizes")
  void reducesAsTheOracleDoes(KernelBackend backend, int size) {
    Kernels kernels = supported(backend);
    SplittableRandom random = new SplittableRandom(size);
    double[] values = random.doubles(size, -1, 1).toArray();
    double[] weights = random.doubles(size, 0, 2).toArray();
    boolean[] mask = new boolean[size];
    for (int i = 0; i < size; i++) {
      mask[i] = random.nextInt(3) > 0;
      if (!mask[i]) {
        values[i] = Double.POSITIVE_INFINITY;
        weights[i] = 0;
      }
    }
    Kernels oracle = Kernels.scalar();
    double tolerance = size * ULP_SLACK;
    assertClose(kernels.maskedSum(values, mask), oracle.maskedSum(values, mask), tolerance);
    assertClose(
        kernels.maskedMean(values, mask, size / 3, size),
        oracle.maskedMean(values, mask, size / 3, size),
        tolerance);
    assertClose(
        kernels.weightedSum(values, weights), oracle.weightedSum(values, weights), tolerance);
  }

  @ParameterizedTest
  @MethodSource("backendsAndSizes")
  void propagatesUnmaskedNaN(KernelBackend backend, int size) {
    Kernels kernels = supported(backend);
    for (int position : new int[] {0, size / 2, size - 1}) {
      double[] values = new double[size];
      values[position] = Double.NaN;
      boolean[] mask = new boolean[size];
      mask[position] = true;
      double[] weights = new double[size];
      weights[position] = 1;
      assertThat(kernels.maskedSum(values, mask)).isNaN();
      assertThat(kernels.weightedSum(values, weights)).isNaN();
      double[] normalised = new double[size];
      kernels.normaliseGroups(
          values, new int[] {0, size}, GroupNormalisation.MEAN_STD, 1e-6, normalised);
      assertThat(normalised[position]).isEqualTo(Double.valueOf(size == 1 ? 0 : Double.NaN));
    }
  }

  private static Kernels supported(KernelBackend backend) {
    String refusal = backend.refusal(HostCapabilities.detect()).orElse("");
    assumeTrue(refusal.isEmpty(), refusal);
    return Kernels.on(backend);
  }

  private static TokenBatch randomTokens(int size) {
    SplittableRandom random = new SplittableRandom(size);
    double[] logProbs = random.doubles(size, -3, 0).toArray();
    double[] behaviour = random.doubles(size, -3, 0).toArray();
    double[] advantages = random.doubles(size, -2, 2).toArray();
    boolean[] mask = new boolean[size];
    for (int i = 0; i < size; i++) {
      mask[i] = random.nextInt(4) > 0;
      if (random.nextInt(8) == 0) {
        advantages[i] = 0;
      }
    }
    return new TokenBatch(logProbs, behaviour, advantages, mask);
  }

  /** Groups of 0 to 19 members; the last takes the rest. */
  private static int[] raggedOffsets(SplittableRandom random, int size) {
    var offsets = new ArrayList<Integer>();
    for (int offset = 0; offset < size; offset += random.nextInt(20)) {
      offsets.add(offset);
    }
    offsets.add(size);
    return offsets.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void assertClose(double[] actual, double[] expected, double tolerance) {
    for (int i = 0; i < expected.length; i++) {
      assertClose(actual[i], expected[i], tolerance);
    }
  }

  private static void assertClose(double actual, double expected, double tolerance) {
    if (Double.isFinite(expected)) {
      double scale = Math.max(1, Math.abs(expected));
      assertThat(Math.abs(actual - expected)).isLessThanOrEqualTo(tolerance * scale);
    } else {
      assertThat(Double.valueOf(actual)).isEqualTo(Double.valueOf(expected));
    }
  }
}
