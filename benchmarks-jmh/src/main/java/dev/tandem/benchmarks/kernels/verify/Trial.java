package dev.tandem.benchmarks.kernels.verify;

import dev.tandem.kernels.operation.Operation;
import java.util.List;

/**
 * An operation over arrays of one stage, and what to look at when it has run.
 *
 * @param operation what to run
 * @param outputs in the same order on every stage
 */
record Trial(Operation operation, List<Output> outputs) {
  /** Copies the list. */
  Trial {
    outputs = List.copyOf(outputs);
  }

  /**
   * An array that the operation wrote.
   *
   * @param name of the array in the operation
   * @param array a {@link dev.tandem.kernels.operation.Values} or {@link
   *     dev.tandem.kernels.operation.Matrix} of the stage
   * @param tolerance against the oracle
   */
  record Output(String name, Record array, Tolerance tolerance) {}
}
