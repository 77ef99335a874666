package dev.tandem.kernels;

import static dev.tandem.kernels.TestArrays.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.kernels.operation.AdamW;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.ClipBounds;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.Convert;
import dev.tandem.kernels.operation.GroupNormalisation;
import dev.tandem.kernels.operation.ImportanceWeights;
import dev.tandem.kernels.operation.KlEstimator;
import dev.tandem.kernels.operation.KlPenalty;
import dev.tandem.kernels.operation.MaskedWhitening;
import dev.tandem.kernels.operation.NormaliseGroups;
import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every backend against the scalar oracle, on the operations whose arrays are per token or value.
 */
final class TokenAgreementTest {
  private static final double[] EXTREMES = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    -1e4,
    1e4,
    20,
    -20,
    0,
    -0.0,
    Float.MIN_VALUE
  };

  private final TestArrays arrays = new TestArrays();
  private final Kernels oracle = Kernels.scalar();

  @AfterEach
  void free() {
    arrays.close();
  }

  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#sizesAndTypes")
  void normalisesRaggedGroups(KernelBackend backend, int size, ArrayElement type) {
    Kernels kernels = Backends.supported(backend);
    SplittableRandom random = new SplittableRandom(size);
    // Every third value repeats, so that some small groups have equal members.
    Values values = arrays.input(type, size, i -> i % 3 == 0 ? 0.25 : random.nextDouble());
    Values offsets = arrays.ints(raggedOffsets(random, size));
    for (GroupNormalisation how : GroupNormalisation.values()) {
      NormaliseGroups expected =
          new NormaliseGroups(
              values,
              offsets,
              how,
              1e-6,
              arrays.output(type, size),
              arrays.output(ArrayElement.I64, 1));
      Values inPlace = arrays.copy(values);
      NormaliseGroups actual =
          new NormaliseGroups(
              inPlace, offsets, how, 1e-6, inPlace, arrays.output(ArrayElement.I64, 1));
      oracle.run(expected);
      kernels.run(actual);
      assertClose(actual.normalised(), expected.normalised(), tolerance(type, size));
      assertThat(actual.withoutSignal().getLong(0)).isEqualTo(expected.withoutSignal().getLong(0));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#sizesAndTypes")
  void clipsAndPenalises(KernelBackend backend, int size, ArrayElement type) {
    Kernels kernels = Backends.supported(backend);
    for (KlEstimator estimator : KlEstimator.values()) {
      for (double coefficient : new double[] {0, 0.05}) {
        SplittableRandom random = new SplittableRandom(size);
        compareLosses(kernels, size, type, random, new KlPenalty(estimator, coefficient), true);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#sizesAndTypes")
  void leavesOutWhatIsNotGiven(KernelBackend backend, int size, ArrayElement type) {
    Kernels kernels = Backends.supported(backend);
    compareLosses(
        kernels, size, type, new SplittableRandom(size), KlPenalty.MEASURED, /* full= */ false);
  }

  private void compareLosses(
      Kernels kernels,
      int size,
      ArrayElement type,
      SplittableRandom random,
      KlPenalty kl,
      boolean full) {
    Values logProbs = arrays.input(type, size, i -> -3 * random.nextDouble());
    PolicyTokens tokens =
        new PolicyTokens(
            arrays.input(type, size, i -> -3 * random.nextDouble()),
            full ? arrays.input(type, size, i -> -3 * random.nextDouble()) : null,
            arrays.input(type, size, i -> i % 8 == 0 ? 0 : random.nextDouble(-2, 2)),
            full ? arrays.mask(size, i -> random.nextInt(4)) : null,
            full ? arrays.input(type, size, i -> random.nextDouble() / size) : null,
            full ? arrays.input(type, size, i -> i % 5 == 0 ? 0 : random.nextDouble()) : null);
    PolicyTerms expected = terms(size, type, full);
    PolicyTerms actual = terms(size, type, full);
    oracle.run(new ClippedPolicyLoss(logProbs, tokens, new ClipBounds(0.2, 0.28, 3), kl, expected));
    kernels.run(new ClippedPolicyLoss(logProbs, tokens, new ClipBounds(0.2, 0.28, 3), kl, actual));
    assertTermsClose(actual, expected, type, size);
  }

  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#sizesAndTypes")
  void carriesNaNAndInfinitiesThroughTheLoss(KernelBackend backend, int size, ArrayElement type) {
    Kernels kernels = Backends.supported(backend);
    PolicyTokens tokens =
        new PolicyTokens(
            arrays.input(type, size, i -> i % 3 == 0 ? extreme(i / 3) : 0),
            arrays.input(type, size, i -> i % 5 == 0 ? extreme(i / 5) : 0),
            arrays.input(type, size, i -> i % 2 == 0 ? 1 : -1),
            null,
            null,
            null);
    Values logProbs = arrays.input(type, size, TokenAgreementTest::extreme);
    for (KlEstimator estimator : KlEstimator.values()) {
      KlPenalty kl = new KlPenalty(estimator, 0.1);
      PolicyTerms expected = terms(size, type, true);
      PolicyTerms actual = terms(size, type, true);
      ClipBounds bounds = new ClipBounds(0.2, 0.2, Double.POSITIVE_INFINITY);
      oracle.run(new ClippedPolicyLoss(logProbs, tokens, bounds, kl, expected));
      kernels.run(new ClippedPolicyLoss(logProbs, tokens, bounds, kl, actual));
      assertTermsClose(actual, expected, type, size);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#sizesAndTypes")
  void neverLooksAtMaskedTokens(KernelBackend backend, int size, ArrayElement type) {
    Kernels kernels = Backends.supported(backend);
    Values poison = arrays.input(type, size, i -> Double.NaN);
    Values nothing = arrays.mask(size, i -> 0);
    PolicyTerms terms = terms(size, type, true);
    kernels.run(
        new ClippedPolicyLoss(
            poison,
            new PolicyTokens(poison, poison, poison, nothing, poison, poison),
            new ClipBounds(0.2, 0.2, 3),
            new KlPenalty(KlEstimator.K3, 1),
            terms));
    Values whitened = arrays.output(type, size);
    kernels.run(new MaskedWhitening(poison, nothing, 1e-8, whitened));
    for (Values zeros :
        List.of(
            require(terms.ratios()),
            require(terms.losses()),
            require(terms.klEstimates()),
            terms.gradient(),
            terms.sums(),
            whitened)) {
      assertThat(TestArrays.doubles(zeros)).containsOnly(0.0);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#sizesAndTypes")
  void boundsImportanceWeights(KernelBackend backend, int size, ArrayElement type) {
    Kernels kernels = Backends.supported(backend);
    SplittableRandom random = new SplittableRandom(size);
    Values trainer =
        arrays.input(type, size, i -> i % 4 == 0 ? extreme(i / 4) : random.nextDouble(-2, 2));
    Values sampler = arrays.input(type, size, i -> i % 9 == 0 ? extreme(i / 9) : 0);
    for (ImportanceWeights.Bound bound : ImportanceWeights.Bound.values()) {
      Values expected = arrays.output(type, size);
      Values actual = arrays.output(type, size);
      oracle.run(new ImportanceWeights(trainer, sampler, bound, 2, expected));
      kernels.run(new ImportanceWeights(trainer, sampler, bound, 2, actual));
      assertClose(actual, expected, tolerance(type, 1));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#sizesAndTypes")
  void whitensWhatIsInTheMask(KernelBackend backend, int size, ArrayElement type) {
    Kernels kernels = Backends.supported(backend);
    SplittableRandom random = new SplittableRandom(size);
    Values mask = arrays.mask(size, i -> random.nextInt(3));
    Values values =
        arrays.input(type, size, i -> mask.isSet(i) ? random.nextDouble(5, 6) : Double.NaN);
    Values expected = arrays.output(type, size);
    Values inPlace = arrays.copy(values);
    oracle.run(new MaskedWhitening(values, mask, 1e-8, expected));
    kernels.run(new MaskedWhitening(inPlace, mask, 1e-8, inPlace));
    assertClose(inPlace, expected, tolerance(type, 10L * size));
  }

  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#sizesAndTypes")
  void stepsAsAdamWDoes(KernelBackend backend, int size, ArrayElement type) {
    Kernels kernels = Backends.supported(backend);
    List<AdamW.Tensor> expected = tensors(type, size);
    List<AdamW.Tensor> actual = tensors(type, size);
    AdamW.Settings settings = new AdamW.Settings(0.9, 0.95, 1e-8, 0.1);
    for (int step = 1; step <= 3; step++) {
      oracle.run(new AdamW(expected, settings, 1e-2, 0.5, step));
      kernels.run(new AdamW(actual, settings, 1e-2, 0.5, step));
    }
    for (int i = 0; i < expected.size(); i++) {
      assertClose(actual.get(i).parameters(), expected.get(i).parameters(), tolerance(type, 8));
      assertClose(actual.get(i).firstMoments(), expected.get(i).firstMoments(), tolerance(type, 8));
      assertClose(
          actual.get(i).secondMoments(), expected.get(i).secondMoments(), tolerance(type, 8));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tandem.kernels.Backends#sizesAndTypes")
  void convertsToTheVeryBits(KernelBackend backend, int size, ArrayElement type) {
    Kernels kernels = Backends.supported(backend);
    SplittableRandom random = new SplittableRandom(size);
    // Any bits: NaNs with payloads, infinities and denormals among them.
    Values floats =
        arrays.input(ArrayElement.F32, size, i -> Float.intBitsToFloat(random.nextInt()));
    Values bits = new Values(floats.segment(), ArrayElement.I32, size, floats.place());
    bits.setLong(0, 0x7F800001);
    Values expected = arrays.output(ArrayElement.BF16, size);
    Values actual = arrays.output(ArrayElement.BF16, size);
    oracle.run(new Convert(floats, expected));
    kernels.run(new Convert(floats, actual));
    assertThat(actual.segment().mismatch(expected.segment())).isEqualTo(-1);
    Values expectedBack = arrays.output(ArrayElement.F32, size);
    Values actualBack = arrays.output(ArrayElement.F32, size);
    oracle.run(new Convert(expected, expectedBack));
    kernels.run(new Convert(actual, actualBack));
    assertThat(actualBack.segment().mismatch(expectedBack.segment())).isEqualTo(-1);
  }

  private List<AdamW.Tensor> tensors(ArrayElement type, int size) {
    SplittableRandom random = new SplittableRandom(size);
    List<AdamW.Tensor> tensors = new ArrayList<>();
    for (int length : new int[] {size, 1, 33}) {
      tensors.add(
          new AdamW.Tensor(
              arrays.input(type, length, i -> random.nextDouble(-1, 1)),
              arrays.input(type, length, i -> i == 20 ? Double.NaN : random.nextDouble(-1, 1)),
              arrays.input(type, length, i -> random.nextDouble(-0.1, 0.1)),
              arrays.input(type, length, i -> i % 7 == 0 ? 0 : random.nextDouble() * 0.01),
              length != 33));
    }
    return tensors;
  }

  private PolicyTerms terms(int size, ArrayElement type, boolean full) {
    return new PolicyTerms(
        full ? arrays.output(type, size) : null,
        full ? arrays.output(type, size) : null,
        full ? arrays.output(type, size) : null,
        arrays.output(type, size),
        arrays.output(ArrayElement.F64, PolicySum.COUNT));
  }

  private static void assertTermsClose(
      PolicyTerms actual, PolicyTerms expected, ArrayElement type, int size) {
    if (expected.ratios() != null) {
      assertClose(require(actual.ratios()), expected.ratios(), tolerance(type, 1));
      assertClose(require(actual.losses()), require(expected.losses()), tolerance(type, 1));
      assertClose(
          require(actual.klEstimates()), require(expected.klEstimates()), tolerance(type, 1));
    }
    assertClose(actual.gradient(), expected.gradient(), tolerance(type, 1));
    assertClose(actual.sums(), expected.sums(), size * tolerance(ArrayElement.F64, 1));
  }

  private static double extreme(long index) {
    return EXTREMES[(int) (index % EXTREMES.length)];
  }

  private static double tolerance(ArrayElement type, long size) {
    return switch (type) {
      case F64 -> 8 * size * Math.ulp(1.0);
      default -> 8 * size * (double) Math.ulp(1f);
    };
  }

  private static Values require(@Nullable Values values) {
    return Objects.requireNonNull(values);
  }

  /** Groups of 0 to 19 members; the last takes the rest. */
  private static int[] raggedOffsets(SplittableRandom random, int size) {
    List<Integer> offsets = new ArrayList<>();
    for (int offset = 0; offset < size; offset += random.nextInt(20)) {
      offsets.add(offset);
    }
    offsets.add(size);
    return offsets.stream().mapToInt(Integer::intValue).toArray();
  }
}
