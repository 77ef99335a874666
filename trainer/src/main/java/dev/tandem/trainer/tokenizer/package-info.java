/**
 * Text to token ids and back, as a checkpoint's tokenizer.json says, and what it says about chat.
 */
@NullMarked
package dev.tandem.trainer.tokenizer;

import org.jspecify.annotations.NullMarked;
