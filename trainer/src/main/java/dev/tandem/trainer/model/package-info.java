/**
 * A decoder-only language model that runs as a TorchScript program emitted by Java.
 *
 * <p>Read {@link dev.tandem.trainer.model.Decoder} first: it loads, scores, samples, differentiates
 * and saves. What it is made of is in the packages below, each of which knows only those before it:
 * file, shape, torch; weights, program; runtime; sampling, learn.
 */
@NullMarked
package dev.tandem.trainer.model;

import org.jspecify.annotations.NullMarked;
