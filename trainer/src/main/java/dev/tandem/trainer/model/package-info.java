/**
 * A decoder-only language model that runs as a TorchScript program emitted by Java, with its
 * checkpoint files and its tokenizers.
 *
 * <p>Read {@link dev.tandem.trainer.model.Decoder} first: it loads, scores, samples, differentiates
 * and saves.
 */
@NullMarked
package dev.tandem.trainer.model;

import org.jspecify.annotations.NullMarked;
