/** Trajectories on disk. */
@NullMarked
package dev.tandem.rollout.store;

import org.jspecify.annotations.NullMarked;
