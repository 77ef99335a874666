/** Runs planned episodes on this machine. */
@NullMarked
package dev.tandem.rollout.run;

import org.jspecify.annotations.NullMarked;
