package dev.tandem.trainer.model.learn;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.kernels.Kernels;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.runtime.ScoringChunk;
import dev.tandem.trainer.model.torch.ScriptModule;
import dev.tandem.trainer.model.torch.TensorScope;
import org.jspecify.annotations.Nullable;

/**
 * Takes chunks through the model to the log-probabilities of their tokens, and back; called from
 * the workers' threads, a chunk from one of them.
 */
sealed interface LogProbHead permits KernelHead, ScriptHead {

  /** The one that the decoder's execution names. */
  static LogProbHead of(DecoderRuntime runtime) {
    return switch (runtime.execution().lossHead()) {
      case KERNELS -> new KernelHead(runtime, Kernels.best());
      case TORCH_SCRIPT -> new ScriptHead(runtime);
    };
  }

  /**
   * A chunk as the program takes it.
   *
   * @param tensors as the program calls them
   * @param scope of what is made on the way
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Input(ScoringChunk chunk, PtNDArray[] tensors, TensorScope scope) {}

  /** Log-probabilities, [tokens or more], with nothing kept. */
  float[] score(Input input, ScriptModule program, PtNDArray[] weights);

  /** Log-probabilities and entropies, [tokens or more], with nothing kept. */
  TokenScores evaluate(Input input);

  /** The way forward, with what the way back needs. */
  ForwardPass.Held forward(Input input);

  /**
   * The way back: adds to sums.
   *
   * @param lossByLogProb of the whole batch, [tokens]
   * @param lossByEntropy the same; null for none
   */
  void backward(
      ForwardPass.Held held,
      double[] lossByLogProb,
      double @Nullable [] lossByEntropy,
      PtNDArray[] sums);

  /**
   * There and back at once for a loss whose derivatives are known beforehand.
   *
   * @param lossByLogProb of the whole batch, [tokens]
   * @param sums what to add to
   * @return log-probabilities, [tokens or more]
   */
  double[] differentiate(Input input, double[] lossByLogProb, PtNDArray[] sums);
}
