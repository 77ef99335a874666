package dev.tandem.trainer.model.learn;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.model.torch.ScriptModule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All of it in the decoder's program, on any device and in any arithmetic. */
final class ScriptHead implements LogProbHead {
  private final DecoderRuntime runtime;

  ScriptHead(DecoderRuntime runtime) {
    this.runtime = runtime;
  }

  @Override
  public float[] score(Input input, ScriptModule program, PtNDArray[] weights) {
    return program
        .inference("score")
        .tensors(input.tensors())
        .tensors(weights)
        .run(input.scope())
        .getFirst()
        .toFloatArray();
  }

  @Override
  public TokenScores evaluate(Input input) {
    List<PtNDArray> result =
        runtime
            .module()
            .inference("evaluate")
            .tensors(input.tensors())
            .tensors(runtime.parameters().program())
            .run(input.scope());
    return new TokenScores(doubles(result.get(0)), doubles(result.get(1)));
  }

  @Override
  public ForwardPass.Held forward(Input input) {
    List<PtNDArray> result =
        runtime
            .module()
            .differentiable("forward")
            .tensors(input.tensors())
            .tensors(runtime.parameters().program())
            .run(input.scope());
    int states = result.size() - 2;
    return new ForwardPass.Held(
        input,
        result.subList(0, states).toArray(PtNDArray[]::new),
        doubles(result.get(states)),
        doubles(result.get(states + 1)),
        /* logSumExps= */ new double[0]);
  }

  static double[] doubles(PtNDArray values) {
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

  @Override
  public void backward(
      ForwardPass.Held held,
      double[] lossByLogProb,
      double @Nullable [] lossByEntropy,
      PtNDArray[] sums) {
    Input input = held.input();
    runtime
        .module()
        .differentiable("backward")
        .tensors(held.states())
        .tensor(upstream(input, lossByLogProb))
        .tensor(upstream(input, lossByEntropy))
        .tensors(sums)
        .tensors(input.tensors())
        .tensors(runtime.parameters().program())
        .run(input.scope());
  }

  private PtNDArray upstream(Input input, double @Nullable [] values) {
    Precision precision = runtime.execution().precision();
    return input.chunk().upstream(values, precision, input.scope());
  }

  @Override
  public double[] differentiate(Input input, double[] lossByLogProb, PtNDArray[] sums) {
    return doubles(
        runtime
            .module()
            .differentiable("cross_entropy")
            .tensor(upstream(input, lossByLogProb))
            .tensors(input.tensors())
            .tensors(runtime.parameters().program())
            .tensors(sums)
            .run(input.scope())
            .getFirst());
  }
}
