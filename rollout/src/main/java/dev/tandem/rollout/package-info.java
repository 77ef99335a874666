/** Tasks, environments, the model port, workers, trajectories, trace store and replay buffer. */
@NullMarked
package dev.tandem.rollout;

import org.jspecify.annotations.NullMarked;
