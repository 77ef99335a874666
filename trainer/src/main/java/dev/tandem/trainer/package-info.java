/** The co-evolution loop, the cross-harness GRPO trainer and the command line. */
@NullMarked
package dev.tandem.trainer;

import org.jspecify.annotations.NullMarked;
