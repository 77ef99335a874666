package dev.tandem.benchmarks.kernels.program;

import static dev.tandem.kernels.operation.ArrayElement.BF16;
import static dev.tandem.kernels.operation.ArrayElement.F32;
import static dev.tandem.kernels.operation.ArrayElement.F64;
import static dev.tandem.kernels.operation.ArrayElement.I32;
import static dev.tandem.kernels.operation.ArrayElement.I64;

import dev.tandem.kernels.operation.AdamW;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.ClipBounds;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.Convert;
import dev.tandem.kernels.operation.FusedPolicyLoss;
import dev.tandem.kernels.operation.GroupNormalisation;
import dev.tandem.kernels.operation.ImportanceWeights;
import dev.tandem.kernels.operation.KlEstimator;
import dev.tandem.kernels.operation.KlPenalty;
import dev.tandem.kernels.operation.MaskedWhitening;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.NormaliseGroups;
import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.SampleTokens;
import dev.tandem.kernels.operation.SamplingRule;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.SelectedLogProbsBackward;
import dev.tandem.kernels.operation.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What is timed: every operation at sizes of real use. Each is made when its turn comes. */
final class Workloads {
  /** Makes a workload over arrays that the caller closes. */
  @FunctionalInterface
  interface Maker extends Function<WorkArrays, Workload> {}

  /**
   * How large a run is.
   *
   * @param tokens rows of logits
   * @param vocabulary columns of logits
   * @param elements of the operations without logits
   */
  record Scale(int tokens, int vocabulary, long elements) {
    private String rows(ArrayElement type) {
      return "%s %d x %d".formatted(type, tokens, vocabulary);
    }

    private String flat(ArrayElement type) {
      return "%s %d".formatted(type, elements);
    }

    private long cells() {
      return (long) tokens * vocabulary;
    }
  }

  private static final int GROUP = 16;
  private static final int TENSORS = 400;

  private Workloads() {}

  /** Every operation. */
  static List<Maker> all(Scale scale) {
    List<Maker> makers = ofLogits(scale);
    makers.add(arrays -> policyLoss(arrays, scale));
    makers.add(arrays -> normalise(arrays, scale));
    makers.add(arrays -> weights(arrays, scale));
    makers.add(arrays -> whiten(arrays, scale));
    makers.add(arrays -> adamW(arrays, scale));
    makers.add(arrays -> convert(arrays, scale, F32, BF16));
    makers.add(arrays -> convert(arrays, scale, BF16, F32));
    return makers;
  }

  /** The operations over rows of logits. */
  static List<Maker> ofLogits(Scale scale) {
    List<Maker> makers = new ArrayList<>();
    for (ArrayElement type : List.of(F32, BF16)) {
      makers.add(arrays -> forward(arrays, scale, type));
      makers.add(arrays -> backward(arrays, scale, type));
      makers.add(arrays -> fused(arrays, scale, type));
      makers.add(arrays -> sample(arrays, scale, type));
    }
    return makers;
  }

  private static Workload forward(WorkArrays arrays, Scale scale, ArrayElement type) {
    int tokens = scale.tokens();
    return new Workload(
        "selected log-probs",
        scale.rows(type),
        new SelectedLogProbs(
            arrays.logits(type, tokens, scale.vocabulary()),
            arrays.ids(tokens, scale.vocabulary()),
            1,
            arrays.normal(F32, tokens, 0, 1),
            arrays.normal(F32, tokens, 0, 1),
            arrays.normal(F64, tokens, 0, 1)),
        scale.cells() * type.bytes());
  }

  private static Workload backward(WorkArrays arrays, Scale scale, ArrayElement type) {
    int tokens = scale.tokens();
    return new Workload(
        "selected log-probs backward",
        scale.rows(type),
        new SelectedLogProbsBackward(
            arrays.logits(type, tokens, scale.vocabulary()),
            arrays.ids(tokens, scale.vocabulary()),
            1,
            arrays.of(F64, tokens, i -> Math.log(scale.vocabulary()) + 4.5),
            arrays.normal(F32, tokens, 0, 1),
            null,
            null),
        2 * scale.cells() * type.bytes());
  }

  private static ClippedPolicyLoss loss(WorkArrays arrays, long tokens) {
    PolicyTerms terms =
        new PolicyTerms(
            arrays.normal(F32, tokens, 0, 1),
            arrays.normal(F32, tokens, 0, 1),
            arrays.normal(F32, tokens, 0, 1),
            arrays.normal(F32, tokens, 0, 1),
            arrays.normal(F64, PolicySum.COUNT, 0, 1));
    PolicyTokens inputs =
        new PolicyTokens(
            arrays.normal(F32, tokens, -15, 0.1),
            arrays.normal(F32, tokens, -15, 0.1),
            arrays.normal(F32, tokens, 0, 1),
            null,
            arrays.of(F32, tokens, i -> 1.0 / tokens),
            null);
    return new ClippedPolicyLoss(
        arrays.normal(F32, tokens, -15, 0.1),
        inputs,
        new ClipBounds(0.2, 0.28, 3),
        new KlPenalty(KlEstimator.K3, 0.01),
        terms);
  }

  private static Workload fused(WorkArrays arrays, Scale scale, ArrayElement type) {
    int tokens = scale.tokens();
    return new Workload(
        "fused policy loss",
        scale.rows(type),
        new FusedPolicyLoss(
            arrays.logits(type, tokens, scale.vocabulary()),
            arrays.ids(tokens, scale.vocabulary()),
            1,
            loss(arrays, tokens)),
        2 * scale.cells() * type.bytes());
  }

  private static Workload sample(WorkArrays arrays, Scale scale, ArrayElement type) {
    int tokens = Math.min(scale.tokens(), 512);
    Matrix logits = arrays.logits(type, tokens, scale.vocabulary());
    return new Workload(
        "sample tokens, top-p 0.95",
        "%s %d x %d".formatted(type, tokens, scale.vocabulary()),
        new SampleTokens(
            logits,
            arrays.of(I64, tokens, i -> i),
            arrays.of(I64, tokens, i -> 3 * i),
            new SamplingRule(0.8, 0, 0.95, 0, SamplingRule.Draw.INVERSE_CDF),
            arrays.of(I32, tokens, i -> 0),
            arrays.normal(F32, tokens, 0, 1)),
        (long) tokens * scale.vocabulary() * type.bytes());
  }

  private static Workload policyLoss(WorkArrays arrays, Scale scale) {
    return new Workload(
        "clipped policy loss",
        scale.flat(F32),
        loss(arrays, scale.elements()),
        9 * scale.elements() * Float.BYTES);
  }

  private static Workload normalise(WorkArrays arrays, Scale scale) {
    long size = scale.elements() / GROUP * GROUP;
    int groups = Math.toIntExact(size / GROUP);
    Values offsets = arrays.exact(I32, groups + 1, i -> i * GROUP);
    return new Workload(
        "normalise groups of " + GROUP,
        scale.flat(F32),
        new NormaliseGroups(
            arrays.normal(F32, size, 0, 1),
            offsets,
            GroupNormalisation.MEAN_STD,
            1e-6,
            arrays.normal(F32, size, 0, 1),
            arrays.of(I64, 1, i -> 0)),
        2 * size * Float.BYTES);
  }

  private static Workload weights(WorkArrays arrays, Scale scale) {
    return new Workload(
        "importance weights",
        scale.flat(F32),
        new ImportanceWeights(
            arrays.normal(F32, scale.elements(), -3, 1),
            arrays.normal(F32, scale.elements(), -3, 1),
            ImportanceWeights.Bound.TRUNCATED,
            2,
            arrays.normal(F32, scale.elements(), 0, 1)),
        3 * scale.elements() * Float.BYTES);
  }

  private static Workload whiten(WorkArrays arrays, Scale scale) {
    return new Workload(
        "masked whitening",
        scale.flat(F32),
        new MaskedWhitening(
            arrays.normal(F32, scale.elements(), 0, 1),
            null,
            1e-8,
            arrays.normal(F32, scale.elements(), 0, 1)),
        // Twice for mean and variance, once more to write.
        4 * scale.elements() * Float.BYTES);
  }

  private static Workload adamW(WorkArrays arrays, Scale scale) {
    long each = scale.elements() / TENSORS;
    List<AdamW.Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < TENSORS; i++) {
      tensors.add(
          new AdamW.Tensor(
              arrays.normal(F32, each, 0, 1),
              arrays.normal(F32, each, 0, 0.1),
              arrays.normal(F32, each, 0, 0.1),
              arrays.of(F32, each, index -> 0.01),
              true));
    }
    return new Workload(
        "AdamW, %d tensors".formatted(TENSORS),
        scale.flat(F32),
        new AdamW(tensors, new AdamW.Settings(0.9, 0.999, 1e-8, 0.01), 1e-4, 1, 10),
        7 * each * TENSORS * Float.BYTES);
  }

  private static Workload convert(
      WorkArrays arrays, Scale scale, ArrayElement from, ArrayElement to) {
    return new Workload(
        "convert to " + to,
        scale.flat(from),
        new Convert(
            arrays.normal(from, scale.elements(), 0, 1), arrays.normal(to, scale.elements(), 0, 1)),
        6 * scale.elements());
  }
}
