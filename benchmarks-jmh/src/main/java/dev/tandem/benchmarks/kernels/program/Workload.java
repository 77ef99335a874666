package dev.tandem.benchmarks.kernels.program;

import dev.tandem.kernels.operation.Operation;

/**
 * Something to time.
 *
 * @param name of the operation
 * @param shape type and size
 * @param operation over arrays that stay alive while it is timed
 * @param bytes that any implementation has to move to and from memory
 */
record Workload(String name, String shape, Operation operation, long bytes) {}
