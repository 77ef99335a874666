package dev.tandem.trainer.model;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.List;
import java.util.function.UnaryOperator;

/** Short calls into a decoder's program, each on a thread that is prepared for it. */
record NativeCalls(ScriptModule module, Workers workers) {

  /** Runs a method whose only effect is on its arguments. */
  void change(String method, UnaryOperator<ScriptModule.Call> arguments) {
    workers.call(
        () -> {
          try (Scope scope = module.scope().open()) {
            return arguments.apply(module.differentiable(method)).run(scope);
          }
        });
  }

  /** Copies of tensors in libtorch's type of that number, without a history. */
  PtNDArray[] converted(PtNDArray[] tensors, int type, Scope scope) {
    return tensors("converted", call -> call.tensors(tensors).integer(type), scope);
  }

  /** Zeros of the masters' type, shaped like these. */
  PtNDArray[] zerosLike(PtNDArray[] tensors, Scope scope) {
    return tensors("zeros_like", call -> call.tensors(tensors), scope);
  }

  /** The numbers of a method's one result, a tensor of 64 bits. */
  double[] doubles(String method, UnaryOperator<ScriptModule.Call> arguments) {
    return workers.call(
        () -> {
          try (Scope scope = module.scope().open()) {
            return arguments.apply(module.inference(method)).run(scope).getFirst().toDoubleArray();
          }
        });
  }

  private PtNDArray[] tensors(
      String method, UnaryOperator<ScriptModule.Call> arguments, Scope scope) {
    List<PtNDArray> result =
        workers.call(() -> arguments.apply(module.differentiable(method)).run(scope));
    return result.toArray(PtNDArray[]::new);
  }
}
