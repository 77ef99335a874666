/** A decoder at work: its program, its tensors and its threads, and batches cut into chunks. */
@NullMarked
package dev.tandem.trainer.model.runtime;

import org.jspecify.annotations.NullMarked;
