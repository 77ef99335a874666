/** Worlds that are unlike House, for tests of what must fit any world. */
@NullMarked
package dev.tandem.rollout.testworld;

import org.jspecify.annotations.NullMarked;
