/**
 * Numeric inner loops of RL post-training behind one facade, {@link dev.tandem.kernels.Kernels}.
 *
 * <p>{@code operation} says what can be computed; {@code scalar} and {@code vector} compute it. A
 * backend is chosen once, from what the host can do; the scalar one is the oracle that every other
 * must agree with. Callers see memory segments and never a backend.
 */
@NullMarked
package dev.tandem.kernels;

import org.jspecify.annotations.NullMarked;
