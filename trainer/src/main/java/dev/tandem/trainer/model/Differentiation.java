package dev.tandem.trainer.model;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Scores batches chunk by chunk, with and without gradients. Inputs are checked by the caller. */
final class Differentiation {

  private final DecoderRuntime runtime;
  private final ScriptModule module;

  Differentiation(DecoderRuntime runtime) {
    this.runtime = runtime;
    module = runtime.module();
  }

  /** The response tokens' log-probabilities, [tokens], in inference mode. */
  float[] score(List<TrainRecord> records) {
    float[] logProbs = new float[tokens(records)];
    RotaryTable table = runtime.rotaryFor(records);
    runtime
        .workers()
        .forEachInOrder(
            runtime.cut(records),
            chunk -> {
              try (Scope scope = module.scope().open()) {
                ScriptModule.Call call =
                    runtime.scoringCall(module.inference("score"), chunk, table, scope);
                return Map.entry(chunk, call.run(scope).getFirst().toFloatArray());
              }
            },
            scored -> scored.getKey().scatter(scored.getValue(), logProbs));
    return logProbs;
  }

  ForwardPass forward(List<TrainRecord> records) {
    RotaryTable table = runtime.rotaryFor(records);
    Scope passScope = module.scope().open();
    boolean complete = false;
    try {
      List<ForwardPass.Held> held =
          runtime
              .workers()
              .map(
                  runtime.cut(records),
                  chunk -> {
                    Scope scope = passScope.open();
                    List<PtNDArray> result =
                        runtime
                            .scoringCall(module.differentiable("score"), chunk, table, scope)
                            .run(scope);
                    return new ForwardPass.Held(chunk, scope, result.get(0), result.get(1));
                  });
      ForwardPass pass = new ForwardPass(this, passScope, held, tokens(records));
      complete = true;
      return pass;
    } finally {
      if (!complete) {
        passScope.close();
      }
    }
  }

  /** Adds the chunks' gradients in the chunks' order, so the sum does not depend on timing. */
  void backward(List<ForwardPass.Held> held, float[] lossByLogProb, Gradients into) {
    runtime
        .workers()
        .<ForwardPass.Held, List<PtNDArray>>forEachInOrder(
            held,
            one -> {
              float[] upstream = one.chunk().gather(lossByLogProb);
              return module
                  .differentiable("gradients")
                  .tensor(one.logProbs())
                  .tensor(one.scope().floats(upstream, upstream.length))
                  .tensors(runtime.weights().tensors())
                  .run(one.scope());
            },
            gradients -> runtime.add(gradients, into.sums()));
  }

  /** Adds the gradient of {@code scale * sum(-log p)}; returns the sum. */
  double crossEntropy(List<TrainRecord> records, double scale, Gradients into) {
    RotaryTable table = runtime.rotaryFor(records);
    double[] sum = {0};
    runtime
        .workers()
        .<ScoringChunk, List<PtNDArray>>forEachInOrder(
            runtime.cut(records),
            chunk -> {
              try (Scope scope = module.scope().open()) {
                return runtime
                    .scoringCall(module.differentiable("cross_entropy"), chunk, table, scope)
                    .real(scale)
                    .run(module.scope());
              }
            },
            result -> {
              PtNDArray loss = result.getFirst();
              sum[0] += loss.toDoubleArray()[0];
              loss.close();
              runtime.add(result.subList(1, result.size()), into.sums());
            });
    return sum[0];
  }

  /** Forward, backward, clipping and AdamW; one native call when the batch is one chunk. */
  TrainStep trainStep(
      List<TrainRecord> records, Optimiser optimiser, double rate, double maxGradientNorm) {
    int tokens = tokens(records);
    List<ScoringChunk> chunks = runtime.cut(records);
    try (Gradients gradients = new Gradients(runtime.zeros())) {
      if (chunks.size() > 1) {
        double sum = crossEntropy(records, 1.0 / tokens, gradients);
        return new TrainStep(sum / tokens, optimiser.step(gradients, rate, maxGradientNorm));
      }
      RotaryTable table = runtime.rotaryFor(records);
      float[] lossAndNorm =
          runtime
              .workers()
              .call(
                  () -> {
                    try (Scope scope = module.scope().open()) {
                      ScriptModule.Call call =
                          runtime
                              .scoringCall(
                                  module.differentiable("train_step"),
                                  chunks.getFirst(),
                                  table,
                                  scope)
                              .real(1.0 / tokens);
                      List<PtNDArray> result =
                          optimiser.arguments(call, gradients, rate, maxGradientNorm).run(scope);
                      return new float[] {
                        (float) (result.get(0).toDoubleArray()[0] / tokens),
                        result.get(1).toFloatArray()[0]
                      };
                    }
                  });
      return new TrainStep(lossAndNorm[0], optimiser.count(lossAndNorm[1]));
    }
  }

  static int tokens(List<TrainRecord> records) {
    return records.stream().mapToInt(record -> record.response().length).sum();
  }

  /** Scores whole rows: everything after a row's first token is its response. */
  float[][] scoreRows(List<int[]> rows) {
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
