/** Trajectories become weight updates. */
@NullMarked
package dev.tandem.trainer.learning;

import org.jspecify.annotations.NullMarked;
