package dev.tandem.kernels.vector;

import dev.tandem.kernels.operation.KernelProvider;
import dev.tandem.kernels.operation.Operation;
import dev.tandem.kernels.operation.Place;
import dev.tandem.kernels.scalar.ScalarKernels;
import jdk.incubator.vector.DoubleVector;

/** SIMD lanes of the width this processor prefers. */
public final class VectorKernels implements KernelProvider {
  private final ScalarKernels scalar = new ScalarKernels();

  /** Lanes of the preferred float64 vector. */
  public static int doubleLanes() {
    return DoubleVector.SPECIES_PREFERRED.length();
  }

  @Override
  public String name() {
    return "vector-api float64x" + doubleLanes();
  }

  @Override
  public boolean serves(Place place) {
    return place == Place.HOST;
  }

  @Override
  public void run(Operation operation) {
    scalar.run(operation);
  }
}
