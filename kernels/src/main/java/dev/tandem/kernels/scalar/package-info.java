/** The oracle: every operation as its formula reads, in float64, one element after the other. */
@NullMarked
package dev.tandem.kernels.scalar;

import org.jspecify.annotations.NullMarked;
