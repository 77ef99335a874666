/** The run loop: one agent, one task, and the record of what happened. */
@NullMarked
package dev.tandem.harness.run;

import org.jspecify.annotations.NullMarked;
