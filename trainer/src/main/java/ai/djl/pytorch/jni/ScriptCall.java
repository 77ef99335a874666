package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;

/**
 * One native call into a method of a loaded TorchScript module, with autograd on or in inference
 * mode.
 *
 * <p>This class lives in a package of DJL's engine on purpose, and it is the only one that does.
 * DJL's public {@code IValueUtils.runMethod} always enters inference mode, so nothing it returns
 * can be differentiated; the native entry point takes the mode as a flag but is package-private. A
 * class path (not a module path) puts both classes into the same unnamed module, where sharing a
 * package is legal.
 */
public final class ScriptCall {

  private ScriptCall() {}

  /**
   * Calls {@code method} and returns its result, which the caller closes.
   *
   * @param module a loaded TorchScript module
   * @param method name of one of its methods
   * @param autograd true keeps the calling thread's grad mode; false runs in inference mode, whose
   *     tensors must never enter a backward pass
   * @param arguments the method's arguments without {@code self}; they stay the caller's to close
   */
  public static IValue invoke(
      PtSymbolBlock module, String method, boolean autograd, IValue... arguments) {
    long[] handles = new long[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      handles[i] = arguments[i].getHandle();
    }
    return new IValue(
        PyTorchLibrary.LIB.moduleRunMethod(module.getHandle(), method, handles, autograd, false));
  }

  /**
   * Whether a tensor's elements lie end to end; asked here because DJL's own question is hidden.
   */
  public static boolean isContiguous(PtNDArray tensor) {
    return PyTorchLibrary.LIB.torchIsContiguous(tensor.getHandle());
  }
}
