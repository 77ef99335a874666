package dev.tandem.benchmarks.kernels.verify;

import static dev.tandem.kernels.operation.ArrayElement.BF16;
import static dev.tandem.kernels.operation.ArrayElement.BOOL;
import static dev.tandem.kernels.operation.ArrayElement.F32;
import static dev.tandem.kernels.operation.ArrayElement.F64;
import static dev.tandem.kernels.operation.ArrayElement.I32;
import static dev.tandem.kernels.operation.ArrayElement.I64;

import dev.tandem.benchmarks.kernels.verify.Trial.Output;
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
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Operations over arrays of tokens, rewards or parameters. */
final class TokenCases {
  private static final ClipBounds BOUNDS = new ClipBounds(0.2, 0.28, 3);

  /** Masks of a case: which tokens count. */
  private enum Mask {
    NONE,
    SOME,
    NOTHING
  }

  private TokenCases() {}

  static void add(List<Case> cases, int size) {
    for (ArrayElement type : List.of(F32, F64)) {
      for (GroupNormalisation how : GroupNormalisation.values()) {
        cases.add(normalise(type, size, how, false));
      }
      cases.add(normalise(type, size, GroupNormalisation.MEAN_STD, true));
      for (Mask mask : Mask.values()) {
        cases.add(whiten(type, size, mask));
        for (KlEstimator estimator : KlEstimator.values()) {
          cases.add(policyLoss(type, size, mask, estimator));
        }
      }
      for (ImportanceWeights.Bound bound : ImportanceWeights.Bound.values()) {
        cases.add(weights(type, size, bound));
      }
      cases.add(adamW(type, size));
    }
    cases.add(convert(F32, BF16, size));
    cases.add(convert(BF16, F32, size));
  }

  private static String detail(ArrayElement type, int size, Object special) {
    return "%s x %d, %s".formatted(type, size, special);
  }

  private static Case normalise(
      ArrayElement type, int size, GroupNormalisation how, boolean inPlace) {
    return new Case(
        "normalise groups",
        detail(type, size, inPlace ? "in place" : how),
        (stage, random) -> {
          long[] offsets = offsets(size, random);
          // Every third group is of equal values.
          int[] groupOf = new int[size];
          for (int group = 0; group + 1 < offsets.length; group++) {
            for (long i = offsets[group]; i < offsets[group + 1]; i++) {
              groupOf[(int) i] = group;
            }
          }
          Values values =
              stage.filled(
                  type, size, i -> groupOf[(int) i] % 3 == 1 ? 0.1 : random.nextGaussian(0.3, 2));
          Values normalised = inPlace ? values : stage.poisoned(type, size);
          Values count = stage.poisoned(I64, 1);
          return new Trial(
              new NormaliseGroups(
                  values, stage.integers(I32, offsets), how, 1e-6, normalised, count),
              List.of(
                  new Output("normalised", normalised, Tolerance.of(type, size)),
                  new Output("withoutSignal", count, Tolerance.EXACT)));
        });
  }

  /** Groups of 0 to 64 members, the first of which is empty. */
  private static long[] offsets(int size, RandomGenerator random) {
    LongStream.Builder offsets = LongStream.builder().add(0).add(0);
    int at = 0;
    while (at < size) {
      at = Math.min(size, at + random.nextInt(65));
      offsets.add(at);
    }
    return offsets.build().toArray();
  }

  private static long[] mask(Mask mask, int size, RandomGenerator random) {
    return LongStream.range(0, size)
        .map(i -> mask == Mask.NOTHING ? 0 : random.nextInt(3) == 0 ? 0 : 1)
        .toArray();
  }

  private static Case whiten(ArrayElement type, int size, Mask mask) {
    return new Case(
        "masked whitening",
        detail(type, size, "mask " + mask),
        (stage, random) -> {
          Values values = stage.filled(type, size, i -> random.nextGaussian(5, 2));
          Values whitened = stage.poisoned(type, size);
          Values counted =
              mask == Mask.NONE ? null : stage.integers(BOOL, mask(mask, size, random));
          return new Trial(
              new MaskedWhitening(values, counted, 1e-8, whitened),
              List.of(new Output("whitened", whitened, Tolerance.of(type, size))));
        });
  }

  private static Case weights(ArrayElement type, int size, ImportanceWeights.Bound bound) {
    return new Case(
        "importance weights",
        detail(type, size, bound),
        (stage, random) -> {
          Values trainer =
              stage.filled(type, size, i -> i % 11 == 5 ? Double.NaN : -5 * random.nextDouble());
          Values sampler =
              stage.filled(type, size, i -> i % 7 == 3 ? -60 : -5 * random.nextDouble());
          Values weights = stage.poisoned(type, size);
          return new Trial(
              new ImportanceWeights(trainer, sampler, bound, 2, weights),
              List.of(new Output("weights", weights, Tolerance.of(type, 1))));
        });
  }

  private static Case policyLoss(ArrayElement type, int size, Mask mask, KlEstimator estimator) {
    return new Case(
        "clipped policy loss",
        detail(type, size, "mask %s, KL %s".formatted(mask, estimator)),
        (stage, random) -> {
          Values logProbs = stage.filled(type, size, i -> -6 * random.nextDouble());
          boolean bare = mask == Mask.NONE && estimator == KlEstimator.K1;
          PolicyTokens tokens =
              new PolicyTokens(
                  stage.filled(type, size, i -> i % 17 == 9 ? -90 : -6 * random.nextDouble()),
                  bare ? null : stage.filled(type, size, i -> -6 * random.nextDouble()),
                  stage.filled(type, size, i -> i % 5 == 2 ? 0 : random.nextGaussian()),
                  mask == Mask.NONE ? null : stage.integers(BOOL, mask(mask, size, random)),
                  bare ? null : stage.filled(type, size, i -> i % 4 * 0.25),
                  bare ? null : stage.filled(type, size, i -> random.nextDouble(2)));
          KlPenalty kl = new KlPenalty(estimator, bare ? 0 : 0.05);
          return policyTrial(stage, type, size, logProbs, tokens, kl);
        });
  }

  private static Trial policyTrial(
      Stage stage,
      ArrayElement type,
      int size,
      Values logProbs,
      PolicyTokens tokens,
      KlPenalty kl) {
    PolicyTerms terms = terms(stage, type, size);
    return new Trial(
        new ClippedPolicyLoss(logProbs, tokens, BOUNDS, kl, terms),
        outputs(terms, Tolerance.of(type, size)));
  }

  static PolicyTerms terms(Stage stage, ArrayElement type, int size) {
    return new PolicyTerms(
        stage.poisoned(type, size),
        stage.poisoned(type, size),
        stage.poisoned(type, size),
        stage.poisoned(type, size),
        stage.poisoned(F64, PolicySum.COUNT));
  }

  static List<Output> outputs(PolicyTerms terms, Tolerance tolerance) {
    List<Output> outputs = new ArrayList<>();
    add(outputs, "ratios", terms.ratios(), tolerance);
    add(outputs, "losses", terms.losses(), tolerance);
    add(outputs, "klEstimates", terms.klEstimates(), tolerance);
    add(outputs, "gradient", terms.gradient(), tolerance);
    add(outputs, "sums", terms.sums(), tolerance);
    return outputs;
  }

  private static void add(
      List<Output> outputs, String name, @Nullable Values values, Tolerance tolerance) {
    if (values != null) {
      outputs.add(new Output(name, values, tolerance));
    }
  }

  private static Case adamW(ArrayElement type, int size) {
    return new Case(
        "AdamW",
        detail(type, size, "with tensors of 1, 8,200 and 5"),
        (stage, random) -> {
          List<AdamW.Tensor> tensors = new ArrayList<>();
          List<Output> outputs = new ArrayList<>();
          for (int count : new int[] {size, 1, 8200, 5}) {
            Values parameters = stage.filled(type, count, i -> random.nextGaussian());
            Values first = stage.filled(type, count, i -> random.nextGaussian(0, 0.1));
            Values second = stage.filled(type, count, i -> random.nextDouble(0.01));
            Values gradients =
                stage.filled(type, count, i -> i == 3 ? Double.NaN : random.nextGaussian(0, 0.1));
            tensors.add(
                new AdamW.Tensor(parameters, gradients, first, second, tensors.size() % 2 == 0));
            outputs.add(new Output("parameters", parameters, Tolerance.of(type, 1)));
            outputs.add(new Output("firstMoments", first, Tolerance.of(type, 1)));
            outputs.add(new Output("secondMoments", second, Tolerance.of(type, 1)));
          }
          AdamW.Settings settings = new AdamW.Settings(0.9, 0.999, 1e-8, 0.01);
          return new Trial(new AdamW(tensors, settings, 1e-3, 0.5, 3), outputs);
        });
  }

  private static Case convert(ArrayElement from, ArrayElement to, int size) {
    double[] special = {
      0,
      -0.0,
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      1e-40,
      3.4e38,
      1.00390625
    };
    return new Case(
        "convert",
        "%s to %s x %d".formatted(from, to, size),
        (stage, random) -> {
          Values numbers =
              stage.filledExactly(
                  from,
                  size,
                  i ->
                      i % 3 == 0
                          ? special[(int) (i / 3 % special.length)]
                          : random.nextGaussian() * 100);
          Values converted = stage.poisonedExactly(to, size);
          return new Trial(
              new Convert(numbers, converted),
              List.of(new Output("to", converted, Tolerance.EXACT)));
        });
  }
}
