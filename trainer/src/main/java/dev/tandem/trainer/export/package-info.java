/** Checkpoints for programs that are not ours. */
@NullMarked
package dev.tandem.trainer.export;

import org.jspecify.annotations.NullMarked;
