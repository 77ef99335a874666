package dev.tandem.trainer.model.torch;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;

/**
 * Owns native tensors; closing it frees them all. Every call's results live in a scope of its own,
 * so memory is flat.
 */
public final class TensorScope implements AutoCloseable {

  private final PtNDManager manager;

  TensorScope(PtNDManager manager) {
    this.manager = manager;
  }

  PtNDManager manager() {
    return manager;
  }

  public TensorScope open() {
    return new TensorScope((PtNDManager) manager.newSubManager());
  }

  public PtNDArray floats(float[] values, long... shape) {
    return (PtNDArray) manager.create(values, new Shape(shape));
  }

  public PtNDArray doubles(double[] values, long... shape) {
    return (PtNDArray) manager.create(values, new Shape(shape));
  }

  public PtNDArray longs(long[] values, long... shape) {
    return (PtNDArray) manager.create(values, new Shape(shape));
  }

  /** Takes tensors over from the scope that had them. */
  public void adopt(PtNDArray... tensors) {
    for (PtNDArray tensor : tensors) {
      tensor.attach(manager);
    }
  }

  PtNDArray zeros(long... shape) {
    return (PtNDArray) manager.zeros(new Shape(shape));
  }

  @Override
  public void close() {
    manager.close();
  }
}
