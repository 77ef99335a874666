package dev.tandem.trainer.model.torch;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ScriptCall;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A loaded TorchScript program and the memory manager that everything native hangs on. */
public final class ScriptModule implements AutoCloseable {

  private final TensorScope scope;
  private final PtSymbolBlock block;

  private ScriptModule(TensorScope scope, PtSymbolBlock block) {
    this.scope = scope;
    this.block = block;
  }

  public static ScriptModule load(String className, String source, ai.djl.Device device) {
    PtNDManager manager = (PtNDManager) Engine.getEngine("PyTorch").newBaseManager(device);
    byte[] archive = TorchScriptArchive.pack(className, source);
    try {
      return new ScriptModule(
          new TensorScope(manager),
          JniUtils.loadModule(manager, new ByteArrayInputStream(archive), false, false));
    } catch (IOException e) {
      throw new UncheckedIOException("an archive in memory cannot fail to be read", e);
    }
  }

  /** The scope of everything that lives as long as the module. */
  public TensorScope scope() {
    return scope;
  }

  /** Starts a call with autograd on. */
  public Call differentiable(String method) {
    return new Call(method, true);
  }

  /** Starts a call in inference mode; its results must never enter a backward pass. */
  public Call inference(String method) {
    return new Call(method, false);
  }

  @Override
  public void close() {
    block.close();
    scope.close();
  }

  /** Collects a method's arguments in order, then runs it once. */
  public final class Call {
    private final String method;
    private final boolean autograd;
    private final List<IValue> arguments = new ArrayList<>();

    private Call(String method, boolean autograd) {
      this.method = method;
      this.autograd = autograd;
    }

    public Call tensor(PtNDArray tensor) {
      return add(IValue.from(tensor));
    }

    public Call tensors(PtNDArray... tensors) {
      return add(IValue.listFrom(tensors));
    }

    public Call real(double value) {
      return add(IValue.from(value));
    }

    public Call integer(long value) {
      return add(IValue.from(value));
    }

    public Call integers(long... values) {
      return add(IValue.listFrom(values));
    }

    /**
     * Runs the method; every tensor of its (possibly nested) result is put under {@code scope}, in
     * order.
     */
    public List<PtNDArray> run(TensorScope scope) {
      try (IValue result =
          ScriptCall.invoke(block, method, autograd, arguments.toArray(IValue[]::new))) {
        List<PtNDArray> tensors = new ArrayList<>();
        flatten(result, scope, tensors);
        return tensors;
      } catch (EngineException failure) {
        // A method that turned autograd off for a while did not get to turn it on again.
        JniUtils.setGradMode(true);
        Optional<DeviceMemoryException> full = DeviceMemoryException.of(failure);
        throw full.isPresent() ? full.get() : failure;
      } finally {
        arguments.forEach(IValue::close);
      }
    }

    private Call add(IValue value) {
      arguments.add(value);
      return this;
    }

    private static void flatten(IValue value, TensorScope scope, List<PtNDArray> tensors) {
      if (value.isTensor()) {
        tensors.add(value.toTensor(scope.manager()));
      } else if (value.isTensorList()) {
        tensors.addAll(List.of(value.toTensorArray(scope.manager())));
      } else if (value.isTuple()) {
        for (IValue part : value.toIValueTuple()) {
          try (part) {
            flatten(part, scope, tensors);
          }
        }
      }
    }
  }
}
