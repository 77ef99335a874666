/** The replay buffer. */
@NullMarked
package dev.tandem.rollout.buffer;

import org.jspecify.annotations.NullMarked;
