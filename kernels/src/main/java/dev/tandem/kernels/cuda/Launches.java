package dev.tandem.kernels.cuda;

import dev.tandem.kernels.operation.AdamW;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.Convert;
import dev.tandem.kernels.operation.FusedPolicyLoss;
import dev.tandem.kernels.operation.ImportanceWeights;
import dev.tandem.kernels.operation.MaskedWhitening;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.NormaliseGroups;
import dev.tandem.kernels.operation.Operation;
import dev.tandem.kernels.operation.PolicySum;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.SampleTokens;
import dev.tandem.kernels.operation.SamplingRule;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.SelectedLogProbsBackward;

/**
 * Which kernels an operation is made of, with what grid and which arguments. The order of arguments
 * is that of the parameters in {@code src/main/cuda}; nothing checks it but the tests.
 */
final class Launches {
  private static final int WARP = 32;
  private static final int THREADS = 256;
  private static final int MOST_ROW_THREADS = 512;
  private static final int PACK_BYTES = 16;
  private static final int PACKS_PER_THREAD = 4;
  private static final int MOST_POLICY_BLOCKS = 1024;
  private static final int MOST_WHITENING_BLOCKS = 256;
  private static final int BLOCKS_PER_MULTIPROCESSOR = 16;
  private static final int WHITENING_PARTIALS = 3;

  private final CudaDriver driver;
  private final CudaStream stream;
  private final CudaModule module;
  private final Launcher launcher;
  private final Staging staging;
  private final int multiprocessors;

  Launches(
      CudaDriver driver,
      CudaStream stream,
      CudaModule module,
      Launcher launcher,
      Staging staging,
      int multiprocessors) {
    this.driver = driver;
    this.stream = stream;
    this.module = module;
    this.launcher = launcher;
    this.staging = staging;
    this.multiprocessors = Math.max(1, multiprocessors);
  }

  /** Starts copies in and kernels. */
  void start(Operation operation) {
    switch (operation) {
      case NormaliseGroups it -> normalise(it);
      case SelectedLogProbs it -> logProbs(it);
      case SelectedLogProbsBackward it -> backward(it);
      case ClippedPolicyLoss it -> policyLoss(it, staging.in(it.logProbs()));
      case FusedPolicyLoss it -> fused(it);
      case ImportanceWeights it -> importanceWeights(it);
      case SampleTokens it -> sample(it);
      case MaskedWhitening it -> whiten(it);
      case AdamW it -> AdamWTable.start(it, module, launcher, staging);
      case Convert it -> convert(it);
    }
  }

  private void normalise(NormaliseGroups it) {
    long count = staging.out(it.withoutSignal());
    driver.memsetD8Async.call(count, (byte) 0, Long.BYTES, stream.handle());
    if (it.groups() == 0) {
      return;
    }
    launcher
        .with(staging.in(it.values()))
        .with(staging.in(it.offsets()))
        .with(it.groups())
        .with(it.values().size())
        .with(Codes.of(it.how()))
        .with(it.epsilon())
        .with(staging.out(it.normalised()))
        .with(count)
        .launch(
            module.function("normalise_groups", it.values().type()),
            blocks(it.groups(), THREADS / WARP),
            THREADS);
  }

  private void logProbs(SelectedLogProbs it) {
    if (it.logits().rows() == 0) {
      return;
    }
    withRows(it.logits(), staging.in(it.logits()))
        .with(staging.in(it.ids()))
        .with(it.temperature())
        .with(staging.out(it.logProbs()))
        .with(staging.out(it.entropies()))
        .with(staging.out(it.logSumExps()))
        .launch(
            module.function("selected_log_probs", it.logits().type()),
            it.logits().rows(),
            rowThreads(it.logits()));
  }

  private void backward(SelectedLogProbsBackward it) {
    if (it.logits().rows() == 0) {
      return;
    }
    withRows(it.logits(), staging.inOut(it.logits()))
        .with(staging.in(it.ids()))
        .with(it.temperature())
        .with(staging.in(it.logSumExps()))
        .with(staging.in(it.logProbDerivatives()))
        .with(staging.in(it.entropyDerivatives()))
        .with(staging.in(it.entropies()))
        .launch(
            module.function("selected_log_probs_backward", it.logits().type()),
            it.logits().rows(),
            rowThreads(it.logits()));
  }

  /** The per-token kernel and the sum of what its blocks leave. */
  private void policyLoss(ClippedPolicyLoss it, long logProbs) {
    policyLoss(it, logProbs, Inputs.of(it.tokens(), staging));
  }

  private void policyLoss(ClippedPolicyLoss it, long logProbs, Inputs inputs) {
    long tokens = it.tokens().size();
    long blocks = Math.min(blocks(tokens, THREADS), MOST_POLICY_BLOCKS);
    PolicyTerms terms = it.terms();
    long partials = staging.scratch(blocks * PolicySum.COUNT * Double.BYTES);
    if (blocks > 0) {
      inputs.put(launcher.with(logProbs)).with(tokens);
      withRule(it)
          .with(staging.out(terms.ratios()))
          .with(staging.out(terms.losses()))
          .with(staging.out(terms.klEstimates()))
          .with(staging.out(terms.gradient()))
          .with(partials)
          .launch(module.function("policy_loss", it.logProbs().type()), blocks, THREADS);
    }
    launcher
        .with(partials)
        .with((int) blocks)
        .with(it.kl().coefficient())
        .with(staging.out(terms.sums()))
        .launch(module.function("policy_sums"), 1, THREADS);
  }

  private void fused(FusedPolicyLoss it) {
    ClippedPolicyLoss loss = it.loss();
    long logProbs = staging.out(loss.logProbs());
    Inputs inputs = Inputs.of(loss.tokens(), staging);
    if (it.logits().rows() > 0) {
      withRows(it.logits(), staging.inOut(it.logits()))
          .with(staging.in(it.ids()))
          .with(it.temperature());
      inputs.put(launcher.with(logProbs));
      withRule(loss)
          .launch(
              module.function("fused_policy_loss", it.logits().type()),
              it.logits().rows(),
              rowThreads(it.logits()));
    }
    policyLoss(loss, logProbs, inputs);
  }

  private Launcher withRule(ClippedPolicyLoss it) {
    return launcher
        .with(it.bounds().low())
        .with(it.bounds().high())
        .with(it.bounds().dualClip())
        .with(Codes.of(it.kl().estimator()))
        .with(it.kl().coefficient());
  }

  private void importanceWeights(ImportanceWeights it) {
    long size = it.weights().size();
    if (size == 0) {
      return;
    }
    launcher
        .with(staging.in(it.trainerLogProbs()))
        .with(staging.in(it.samplerLogProbs()))
        .with(size)
        .with(Codes.of(it.bound()))
        .with(it.cap())
        .with(staging.out(it.weights()))
        .launch(module.function("importance_weights", it.weights().type()), grid(size), THREADS);
  }

  private void sample(SampleTokens it) {
    if (it.logits().rows() == 0) {
      return;
    }
    SamplingRule rule = it.rule();
    withRows(it.logits(), staging.in(it.logits()))
        .with(staging.in(it.seeds()))
        .with(staging.in(it.positions()))
        .with(rule.temperature())
        .with(rule.topK())
        .with(rule.topP())
        .with(rule.minP())
        .with(Codes.of(rule.draw()))
        .with(staging.out(it.tokens()))
        .with(staging.out(it.logProbs()))
        .launch(
            module.function("sample_tokens", it.logits().type()),
            it.logits().rows(),
            rowThreads(it.logits()));
  }

  private void whiten(MaskedWhitening it) {
    long size = it.values().size();
    if (size == 0) {
      return;
    }
    ArrayElement type = it.values().type();
    int blocks = (int) Math.min(blocks(size, THREADS), MOST_WHITENING_BLOCKS);
    long partials = staging.scratch((long) blocks * WHITENING_PARTIALS * Double.BYTES);
    long values = staging.in(it.values());
    long mask = staging.in(it.mask());
    launcher
        .with(values)
        .with(mask)
        .with(size)
        .with(partials)
        .launch(module.function("whitening_sums", type), blocks, THREADS);
    launcher
        .with(values)
        .with(mask)
        .with(size)
        .with(partials)
        .launch(module.function("whitening_squares", type), blocks, THREADS);
    launcher
        .with(values)
        .with(mask)
        .with(size)
        .with(it.epsilon())
        .with(partials)
        .with(staging.out(it.whitened()))
        .launch(module.function("whitening_values", type), blocks, THREADS);
  }

  private void convert(Convert it) {
    long size = it.from().size();
    if (size == 0) {
      return;
    }
    String kernel =
        it.to().type() == ArrayElement.BF16 ? "convert_f32_to_bf16" : "convert_bf16_to_f32";
    launcher
        .with(staging.in(it.from()))
        .with(staging.out(it.to()))
        .with(size)
        .launch(module.function(kernel), grid(size), THREADS);
  }

  /** The first three parameters of the kernels with a block per row. */
  private Launcher withRows(Matrix logits, long address) {
    return launcher.with(address).with(Staging.stride(logits)).with((int) logits.columns());
  }

  /** Enough threads that each has a few packs to read at once, and no more. */
  private static int rowThreads(Matrix logits) {
    long packs = logits.columns() * logits.type().bytes() / PACK_BYTES;
    long warps = blocks(packs, (long) PACKS_PER_THREAD * WARP);
    return Math.clamp(warps * WARP, WARP, MOST_ROW_THREADS);
  }

  /** Blocks for kernels whose threads go on to further elements as long as there are any. */
  private long grid(long elements) {
    return Math.min(blocks(elements, THREADS), (long) multiprocessors * BLOCKS_PER_MULTIPROCESSOR);
  }

  private static long blocks(long elements, long perBlock) {
    return (elements + perBlock - 1) / perBlock;
  }

  /** Addresses of the tokens' arrays, which the fused loss hands to two kernels. */
  private record Inputs(
      long behaviour, long reference, long advantages, long mask, long weights, long importance) {
    static Inputs of(PolicyTokens tokens, Staging staging) {
      return new Inputs(
          staging.in(tokens.behaviourLogProbs()),
          staging.in(tokens.referenceLogProbs()),
          staging.in(tokens.advantages()),
          staging.in(tokens.mask()),
          staging.in(tokens.weights()),
          staging.in(tokens.importanceWeights()));
    }

    Launcher put(Launcher launcher) {
      return launcher
          .with(behaviour)
          .with(reference)
          .with(advantages)
          .with(mask)
          .with(weights)
          .with(importance);
    }
  }
}
