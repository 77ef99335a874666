/**
 * Every operation on any backend against the scalar one in float64, over awkward sizes, with
 * poisoned outputs and guarded memory. It needs nothing but the kernels, because a GPU machine
 * often has no build tools.
 */
@NullMarked
package dev.tandem.benchmarks.kernels.verify;

import org.jspecify.annotations.NullMarked;
