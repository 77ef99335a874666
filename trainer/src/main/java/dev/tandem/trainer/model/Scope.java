package dev.tandem.trainer.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;

/**
 * Owns native tensors; closing it frees them all. Every call's results live in a scope of its own,
 * so memory is flat.
 */
final class Scope implements AutoCloseable {

  private final PtNDManager manager;

  Scope(PtNDManager manager) {
    this.manager = manager;
  }

  PtNDManager manager() {
    return manager;
  }

  Scope open() {
    return new Scope((PtNDManager) manager.newSubManager());
  }

  PtNDArray floats(float[] values, long... shape) {
    return (PtNDArray) manager.create(values, new Shape(shape));
  }

  PtNDArray doubles(double[] values, long... shape) {
    return (PtNDArray) manager.create(values, new Shape(shape));
  }

  PtNDArray longs(long[] values, long... shape) {
    return (PtNDArray) manager.create(values, new Shape(shape));
  }

  PtNDArray zeros(long... shape) {
    return (PtNDArray) manager.zeros(new Shape(shape));
  }

  @Override
  public void close() {
    manager.close();
  }
}
