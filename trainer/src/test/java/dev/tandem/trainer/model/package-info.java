/** Tests of the decoder, its files and its tokenizers. */
@NullMarked
package dev.tandem.trainer.model;

import org.jspecify.annotations.NullMarked;
