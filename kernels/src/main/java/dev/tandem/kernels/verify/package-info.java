/**
 * The verification program: every operation on any backend against the scalar one in float64, over
 * awkward sizes, with poisoned outputs and guarded memory. It is part of the product because a GPU
 * machine often has no build tools.
 */
@NullMarked
package dev.tandem.kernels.verify;

import org.jspecify.annotations.NullMarked;
