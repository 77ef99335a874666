/** How episodes in houses go wrong. */
@NullMarked
package dev.tandem.rollout.house.failure;

import org.jspecify.annotations.NullMarked;
