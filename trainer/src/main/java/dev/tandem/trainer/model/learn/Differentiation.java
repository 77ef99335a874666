package dev.tandem.trainer.model.learn;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.runtime.RotaryTable;
import dev.tandem.trainer.model.runtime.ScoringChunk;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.model.torch.ScriptModule;
import dev.tandem.trainer.model.torch.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Scores batches chunk by chunk, with and without gradients. Inputs are checked by the caller. */
public final class Differentiation {

  private final DecoderRuntime runtime;
  private final ScriptModule module;

  public Differentiation(DecoderRuntime runtime) {
    this.runtime = runtime;
    module = runtime.module();
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
                PtNDArray scored =
                    program
                        .inference("score")
                        .tensors(chunk.tensors(table, scope))
                        .tensors(weights)
                        .run(scope)
                        .getFirst();
                return Map.entry(chunk, scored.toFloatArray());
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
                List<PtNDArray> result =
                    module
                        .inference("evaluate")
                        .tensors(chunk.tensors(table, scope))
                        .tensors(runtime.parameters().program())
                        .run(scope);
                return Map.entry(
                    chunk, new TokenScores(doubles(result.get(0)), doubles(result.get(1))));
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
          runtime.workers().map(runtime.cut(records), chunk -> forward(chunk, table, passScope));
      ForwardPass pass = new ForwardPass(this, passScope, held, tokens(records));
      complete = true;
      return pass;
    } finally {
      if (!complete) {
        passScope.close();
      }
    }
  }

  private ForwardPass.Held forward(ScoringChunk chunk, RotaryTable table, TensorScope passScope) {
    TensorScope scope = passScope.open();
    PtNDArray[] tensors = chunk.tensors(table, scope);
    List<PtNDArray> result =
        module
            .differentiable("forward")
            .tensors(tensors)
            .tensors(runtime.parameters().program())
            .run(scope);
    int states = result.size() - 2;
    return new ForwardPass.Held(
        chunk,
        scope,
        tensors,
        result.subList(0, states).toArray(PtNDArray[]::new),
        doubles(result.get(states)),
        doubles(result.get(states + 1)));
  }

  private static double[] doubles(PtNDArray values) {
    if (values.getDataType() == DataType.FLOAT64) {
      return values.toDoubleArray();
    }
    float[] singles = values.toFloatArray();
    double[] doubles = new double[singles.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = singles[i];
    }
    return doubles;
  }

  /** Adds the chunks' gradients in the chunks' order, so the sum does not depend on timing. */
  void backward(
      List<ForwardPass.Held> held,
      double[] lossByLogProb,
      double @Nullable [] lossByEntropy,
      Gradients into) {
    Precision precision = runtime.execution().precision();
    inOrder(
        held,
        into,
        (one, sums) -> {
          module
              .differentiable("backward")
              .tensors(one.states())
              .tensor(one.chunk().upstream(lossByLogProb, precision, one.scope()))
              .tensor(one.chunk().upstream(lossByEntropy, precision, one.scope()))
              .tensors(sums)
              .tensors(one.tensors())
              .tensors(runtime.parameters().program())
              .run(one.scope());
          one.scope().close();
          return one;
        },
        _ -> {});
  }

  /** Adds a chunk's gradients to sums. */
  private interface Backward<T, R> {
    R add(T item, PtNDArray[] sums);
  }

  /**
   * Every item's gradients are added in the items' order: straight to the sums where items come one
   * after another, else each to sums of its own.
   */
  private <T, R> void inOrder(
      List<T> items, Gradients into, Backward<T, R> work, Consumer<R> consume) {
    if (runtime.oneChunkAtATime()) {
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
            List<PtNDArray> result =
                lossCall("cross_entropy", chunk, upstream, table, scope).tensors(sums).run(scope);
            return Map.entry(chunk, doubles(result.getFirst()));
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
   * Forward, backward, clipping and AdamW; one native call when the batch is one chunk.
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
    if (chunks.size() > 1) {
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
                    chunks.getFirst().scatter(doubles(result.get(0)), logProbs);
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
