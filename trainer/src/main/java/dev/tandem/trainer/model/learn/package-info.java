/** Log-probabilities, gradients and AdamW. */
@NullMarked
package dev.tandem.trainer.model.learn;

import org.jspecify.annotations.NullMarked;
