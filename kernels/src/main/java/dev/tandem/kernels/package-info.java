/**
 * Numeric inner loops of RL post-training behind one facade, {@link dev.tandem.kernels.Kernels}.
 *
 * <p>A backend is chosen once, from what the host can do; the scalar one is the oracle that every
 * other must agree with. Callers see flat {@code double[]} arrays and never a backend.
 */
@NullMarked
package dev.tandem.kernels;

import org.jspecify.annotations.NullMarked;
