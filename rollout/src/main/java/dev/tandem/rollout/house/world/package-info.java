/** The house itself: generator, rules, state, expert, and the facts it shows. */
@NullMarked
package dev.tandem.rollout.house.world;

import org.jspecify.annotations.NullMarked;
