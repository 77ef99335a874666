/** Hugging Face directories whole: model, tokenizer, generation settings. */
@NullMarked
package dev.tandem.trainer.checkpoint;

import org.jspecify.annotations.NullMarked;
