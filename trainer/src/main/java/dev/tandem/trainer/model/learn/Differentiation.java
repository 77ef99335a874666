package dev.tandem.trainer.model.learn;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.runtime.RotaryTable;
import dev.tandem.trainer.model.runtime.ScoringChunk;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.torch.ScriptModule;
import dev.tandem.trainer.model.torch.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Scores batches chunk by chunk, with and without gradients. Inputs are checked by the caller. */
public final class Differentiation {

  private final DecoderRuntime runtime;
  private final ScriptModule module;
  private final LogProbHead head;

  public Differentiation(DecoderRuntime runtime) {
    this.runtime = runtime;
    module = runtime.module();
    head = LogProbHead.of(runtime);
  }

  /** The response tokens' log-probabilities, [tokens], in inference mode. */
  public float[] score(List<TrainRecord> records) {
    return score(records, module, runtime.parameters().program());
  }

  /** The same under the frozen weights, without the adapter. */
  public float[] scoreFrozen(List<TrainRecord> records) {
    return score(records, runtime.frozenModule(), runtime.parameters().frozenProgram());
  }

  private float[] score(List<TrainRecord> records, ScriptModule program, PtNDArray[] weights) {
    float[] logProbs = new float[tokens(records)];
    RotaryTable table = runtime.rotaryFor(records);
    runtime
        .workers()
        .forEachInOrder(
            runtime.cut(records),
            chunk -> {
              try (TensorScope scope = program.scope().open()) {
                return Map.entry(chunk, head.score(input(chunk, table, scope), program, weights));
              }
            },
            scored -> scored.getKey().scatter(scored.getValue(), logProbs));
    return logProbs;
  }

  /** Log-probabilities and entropies of the response tokens, nothing kept for a gradient. */
  public TokenScores evaluate(List<TrainRecord> records) {
    TokenScores scores = new TokenScores(new double[tokens(records)], new double[tokens(records)]);
    RotaryTable table = runtime.rotaryFor(records);
    runtime
        .workers()
        .forEachInOrder(
            runtime.cut(records),
            chunk -> {
              try (TensorScope scope = module.scope().open()) {
                return Map.entry(chunk, head.evaluate(input(chunk, table, scope)));
              }
            },
            evaluated -> {
              evaluated.getKey().scatter(evaluated.getValue().logProbs(), scores.logProbs());
              evaluated.getKey().scatter(evaluated.getValue().entropies(), scores.entropies());
            });
    return scores;
  }

  public ForwardPass forward(List<TrainRecord> records) {
    RotaryTable table = runtime.rotaryFor(records);
    TensorScope passScope = module.scope().open();
    boolean complete = false;
    try {
      List<ForwardPass.Held> held =
          runtime
              .workers()
              .map(
                  runtime.cut(records),
                  chunk -> head.forward(input(chunk, table, passScope.open())));
      ForwardPass pass = new ForwardPass(this, passScope, held, tokens(records));
      complete = true;
      return pass;
    } finally {
      if (!complete) {
        passScope.close();
      }
    }
  }

  private static LogProbHead.Input input(ScoringChunk chunk, RotaryTable table, TensorScope scope) {
    return new LogProbHead.Input(chunk, chunk.tensors(table, scope), scope);
  }

  /** Adds the chunks' gradients in the chunks' order, so the sum does not depend on timing. */
  void backward(
      List<ForwardPass.Held> held,
      double[] lossByLogProb,
      double @Nullable [] lossByEntropy,
      Gradients into) {
    inOrder(
        held,
        into,
        (one, sums) -> {
          head.backward(one, lossByLogProb, lossByEntropy, sums);
          one.input().scope().close();
          return one;
        },
        _ -> {});
  }

  /**
   * Adds the gradient of a loss. Where the head can, each token's logits are computed once, and a
   * chunk's activations are gone before the next chunk's come.
   */
  public TokenScores differentiate(List<TrainRecord> records, TokenLoss loss, Gradients into) {
    return switch (head) {
      case ScriptHead _ -> differentiateAtOnce(records, loss, into);
      case KernelHead kernels -> {
        RotaryTable table = runtime.rotaryFor(records);
        TokenScores scores =
            new TokenScores(new double[tokens(records)], new double[tokens(records)]);
        inOrder(
            runtime.cut(records),
            into,
            (chunk, sums) -> {
              try (TensorScope scope = module.scope().open()) {
                return Map.entry(
                    chunk, kernels.differentiate(input(chunk, table, scope), loss, sums));
              }
            },
            scored -> {
              scored.getKey().scatter(scored.getValue().logProbs(), scores.logProbs());
              scored.getKey().scatter(scored.getValue().entropies(), scores.entropies());
            });
        yield scores;
      }
    };
  }

  private TokenScores differentiateAtOnce(
      List<TrainRecord> records, TokenLoss loss, Gradients into) {
    try (ForwardPass pass = forward(records)) {
      TokenScores scores = new TokenScores(pass.logProbs(), pass.entropies());
      int[] all = IntStream.range(0, scores.logProbs().length).toArray();
      TokenLoss.Derivatives derivatives = loss.at(all, scores.logProbs(), scores.entropies());
      pass.backward(derivatives.byLogProb(), derivatives.byEntropy(), into);
      return scores;
    }
  }

  /** Adds a chunk's gradients to sums. */
  private interface Backward<T, R> {
    R add(T item, PtNDArray[] sums);
  }

  /**
   * Every item's gradients are added in the items' order: straight to the sums where there is one
   * item or items come one after another, else each to sums of its own.
   */
  private <T, R> void inOrder(
      List<T> items, Gradients into, Backward<T, R> work, Consumer<R> consume) {
    if (items.size() == 1 || runtime.oneChunkAtATime()) {
      runtime.workers().forEachInOrder(items, item -> work.add(item, into.sums()), consume);
      return;
    }
    runtime
        .workers()
        .forEachInOrder(
            items,
            item -> {
              PtNDArray[] own = into.lend();
              return Map.entry(own, work.add(item, own));
            },
            added -> {
              consume.accept(added.getValue());
              into.add(added.getKey());
            });
  }

  /** Adds the gradient of {@code scale * sum(weight x -log p)}; returns the sum. */
  public double crossEntropy(List<TrainRecord> records, double scale, Gradients into) {
    RotaryTable table = runtime.rotaryFor(records);
    double[] weights = weights(records);
    double[] upstream = upstream(weights, scale);
    double[] logProbs = new double[weights.length];
    inOrder(
        runtime.cut(records),
        into,
        (chunk, sums) -> {
          try (TensorScope scope = module.scope().open()) {
            return Map.entry(chunk, head.differentiate(input(chunk, table, scope), upstream, sums));
          }
        },
        loss -> loss.getKey().scatter(loss.getValue(), logProbs));
    return weightedLoss(weights, logProbs);
  }

  private static double[] weights(List<TrainRecord> records) {
    return records.stream().flatMapToDouble(one -> Arrays.stream(one.wantedWeights())).toArray();
  }

  private static double[] upstream(double[] weights, double scale) {
    return Arrays.stream(weights).map(weight -> -scale * weight).toArray();
  }

  private static double weightedLoss(double[] weights, double[] logProbs) {
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum -= weights[i] * logProbs[i];
    }
    return sum;
  }

  private ScriptModule.Call lossCall(
      String method, ScoringChunk chunk, double[] upstream, RotaryTable table, TensorScope scope) {
    return module
        .differentiable(method)
        .tensor(chunk.upstream(upstream, runtime.execution().precision(), scope))
        .tensors(chunk.tensors(table, scope))
        .tensors(runtime.parameters().program());
  }

  /**
   * Forward, backward, clipping and AdamW; one native call when the batch is one chunk and the
   * program does it all.
   *
   * @param divisor of the sum of weighted losses
   * @param gradients all zero, before and after
   */
  public TrainStep trainStep(
      List<TrainRecord> records,
      double divisor,
      Optimiser optimiser,
      Gradients gradients,
      double rate,
      double maxGradientNorm) {
    List<ScoringChunk> chunks = runtime.cut(records);
    if (chunks.size() > 1 || head instanceof KernelHead) {
      double sum = crossEntropy(records, 1.0 / divisor, gradients);
      return new TrainStep(sum / divisor, optimiser.step(gradients, rate, maxGradientNorm));
    }
    RotaryTable table = runtime.rotaryFor(records);
    double[] weights = weights(records);
    double[] logProbs = new double[weights.length];
    float norm =
        runtime
            .workers()
            .call(
                () -> {
                  try (TensorScope scope = module.scope().open()) {
                    ScriptModule.Call call =
                        lossCall(
                            "train_step",
                            chunks.getFirst(),
                            upstream(weights, 1.0 / divisor),
                            table,
                            scope);
                    List<PtNDArray> result =
                        optimiser.arguments(call, gradients, rate, maxGradientNorm).run(scope);
                    chunks.getFirst().scatter(ScriptHead.doubles(result.get(0)), logProbs);
                    return result.get(1).toFloatArray()[0];
                  }
                });
    return new TrainStep(weightedLoss(weights, logProbs) / divisor, optimiser.count(norm));
  }

  /** How many log-probabilities the records want. */
  public static int tokens(List<TrainRecord> records) {
    return records.stream().mapToInt(TrainRecord::wanted).sum();
  }

  /** Scores whole rows: everything after a row's first token is its response. */
  public float[][] scoreRows(List<int[]> rows) {
    List<TrainRecord> records =
        rows.stream()
            .filter(row -> row.length > 1)
            .map(
                row ->
                    TrainRecord.unconstrained(
                        new int[] {row[0]}, Arrays.copyOfRange(row, 1, row.length)))
            .toList();
    float[] flat = score(records);
    float[][] result = new float[rows.size()][];
    int from = 0;
    for (int i = 0; i < result.length; i++) {
      int length = rows.get(i).length - 1;
      result[i] = Arrays.copyOfRange(flat, from, from + length);
      from += length;
    }
    return result;
  }
}
