/** Numeric inner loops of RL post-training behind one facade. */
@NullMarked
package dev.tandem.kernels;

import org.jspecify.annotations.NullMarked;
