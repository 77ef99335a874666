/**
 * Numeric inner loops of RL post-training behind one facade, {@link dev.tandem.kernels.Kernels}.
 *
 * <p>{@code operation} says what can be computed; {@code scalar}, {@code vector} and {@code cuda}
 * compute it, each by itself. A backend is chosen once, from what the host can do; the scalar one
 * is the oracle that every other must agree with. Callers see memory segments and never a backend.
 *
 * <p>The operations have a package of their own because both sides need them: the facade starts the
 * backends, so if the operations were here, every backend would need the package that needs it.
 * Classes of two backends may share a name, such as {@code Sampling}: the package says whose.
 */
@NullMarked
package dev.tandem.kernels;

import org.jspecify.annotations.NullMarked;
