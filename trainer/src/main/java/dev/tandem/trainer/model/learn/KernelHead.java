package dev.tandem.trainer.model.learn;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.kernels.Kernels;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.torch.ScriptModule;
import dev.tandem.trainer.model.torch.TensorScope;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The program up to the final states and from there back, and kernels in between, on the logits
 * themselves. Where a loss needs nothing of other tokens, a token's logits are computed once: the
 * way back begins while they are there.
 */
final class KernelHead implements LogProbHead {
  private final DecoderRuntime runtime;
  private final Kernels kernels;

  KernelHead(DecoderRuntime runtime, Kernels kernels) {
    this.runtime = runtime;
    this.kernels = kernels;
  }

  @Override
  public float[] score(Input input, ScriptModule program, PtNDArray[] weights) {
    return figures(input, program, weights).logProbs();
  }

  @Override
  public TokenScores evaluate(Input input) {
    return figures(input, runtime.module(), runtime.parameters().program()).scores();
  }

  private RowFigures figures(Input input, ScriptModule program, PtNDArray[] weights) {
    PtNDArray hidden =
        program
            .inference("final_states")
            .tensors(input.tensors())
            .tensors(weights)
            .run(input.scope())
            .getFirst();
    RowFigures figures = new RowFigures(input.chunk().tokens());
    try (LogitRows rows =
        new LogitRows(runtime, kernels, program, weights, hidden, input.chunk())) {
      rows.forEach((from, to) -> rows.score(from, to, figures));
    }
    return figures;
  }

  @Override
  public ForwardPass.Held forward(Input input) {
    PtNDArray[] states = states(input);
    RowFigures figures = new RowFigures(input.chunk().tokens());
    try (LogitRows rows = rows(input, states)) {
      rows.forEach((from, to) -> rows.score(from, to, figures));
    }
    TokenScores scores = figures.scores();
    return new ForwardPass.Held(
        input, states, scores.logProbs(), scores.entropies(), figures.logSumExps());
  }

  @Override
  public void backward(
      ForwardPass.Held held,
      double[] lossByLogProb,
      double @Nullable [] lossByEntropy,
      PtNDArray[] sums) {
    int[] places = held.input().chunk().places();
    RowFigures figures = RowFigures.of(held);
    PtNDArray[] states = held.states();
    PtNDArray slopes = slopes(held.input(), states);
    try (LogitRows rows = rows(held.input(), states)) {
      rows.forEach(
          (from, to) -> {
            TokenLoss.Derivatives loss =
                new TokenLoss.Derivatives(
                    at(places, from, to, lossByLogProb),
                    lossByEntropy == null ? null : at(places, from, to, lossByEntropy));
            rows.pullBack(from, to, figures, loss, slopes, sums);
          });
    }
    pullBack(held.input(), states, slopes, sums);
  }

  @Override
  public double[] differentiate(Input input, double[] lossByLogProb, PtNDArray[] sums) {
    TokenLoss constant =
        (tokens, _, _) ->
            new TokenLoss.Derivatives(at(tokens, 0, tokens.length, lossByLogProb), null);
    return differentiate(input, constant, sums).logProbs();
  }

  /** There and back at once; the loss is asked for some tokens after the other. */
  TokenScores differentiate(Input input, TokenLoss loss, PtNDArray[] sums) {
    int[] places = input.chunk().places();
    RowFigures figures = new RowFigures(places.length);
    PtNDArray[] states = states(input);
    PtNDArray slopes = slopes(input, states);
    try (LogitRows rows = rows(input, states)) {
      rows.forEach(
          (from, to) -> {
            rows.score(from, to, figures);
            TokenScores scores = figures.scores(from, to);
            TokenLoss.Derivatives derivatives =
                loss.at(
                    Arrays.copyOfRange(places, from, to), scores.logProbs(), scores.entropies());
            rows.pullBack(from, to, figures, derivatives, slopes, sums);
          });
    }
    pullBack(input, states, slopes, sums);
    return figures.scores();
  }

  private static double[] at(int[] places, int from, int to, double[] ofBatch) {
    return Arrays.stream(places, from, to).mapToDouble(place -> ofBatch[place]).toArray();
  }

  private LogitRows rows(Input input, PtNDArray[] states) {
    return new LogitRows(
        runtime,
        kernels,
        runtime.module(),
        runtime.parameters().program(),
        last(states),
        input.chunk());
  }

  private static PtNDArray last(PtNDArray[] states) {
    return states[states.length - 1];
  }

  /** What the way back through the layers needs; the final states come last. */
  private PtNDArray[] states(Input input) {
    return runtime
        .module()
        .differentiable("states")
        .tensors(input.tensors())
        .tensors(runtime.parameters().program())
        .run(input.scope())
        .toArray(PtNDArray[]::new);
  }

  /** Zeros for the loss by the final states. */
  private PtNDArray slopes(Input input, PtNDArray[] states) {
    return runtime
        .module()
        .differentiable("head_slopes")
        .tensor(last(states))
        .run(input.scope())
        .getFirst();
  }

  private void pullBack(Input input, PtNDArray[] states, PtNDArray slopes, PtNDArray[] sums) {
    try (TensorScope call = input.scope().open()) {
      runtime
          .module()
          .differentiable("pull_back")
          .tensors(states)
          .tensor(slopes)
          .tensors(sums)
          .tensors(input.tensors())
          .tensors(runtime.parameters().program())
          .run(call);
    }
  }
}
