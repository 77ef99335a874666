package dev.tandem.trainer.model.torch;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.List;
import java.util.function.UnaryOperator;

/** Short calls into a decoder's program, each on a thread that is prepared for it. */
public record NativeCalls(ScriptModule module, Workers workers) {

  /** Runs a method whose only effect is on its arguments. */
  public void change(String method, UnaryOperator<ScriptModule.Call> arguments) {
    workers.call(
        () -> {
          try (TensorScope scope = module.scope().open()) {
            return arguments.apply(module.differentiable(method)).run(scope);
          }
        });
  }

  /** Copies of tensors in libtorch's type of that number, without a history. */
  public PtNDArray[] converted(PtNDArray[] tensors, int type, TensorScope scope) {
    return tensors("converted", call -> call.tensors(tensors).integer(type), scope);
  }

  /** Zeros of the masters' type, shaped like these. */
  public PtNDArray[] zerosLike(PtNDArray[] tensors, TensorScope scope) {
    return tensors("zeros_like", call -> call.tensors(tensors), scope);
  }

  /** The numbers of a method's one result, a tensor of 64 bits. */
  public double[] doubles(String method, UnaryOperator<ScriptModule.Call> arguments) {
    return workers.call(
        () -> {
          try (TensorScope scope = module.scope().open()) {
            return arguments.apply(module.inference(method)).run(scope).getFirst().toDoubleArray();
          }
        });
  }

  private PtNDArray[] tensors(
      String method, UnaryOperator<ScriptModule.Call> arguments, TensorScope scope) {
    List<PtNDArray> result =
        workers.call(() -> arguments.apply(module.differentiable(method)).run(scope));
    return result.toArray(PtNDArray[]::new);
  }
}
