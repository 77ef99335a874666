/** Text to token ids and back, by Hugging Face tokenizer.json files. */
@NullMarked
package dev.tandem.trainer.tokenizer;

import org.jspecify.annotations.NullMarked;
