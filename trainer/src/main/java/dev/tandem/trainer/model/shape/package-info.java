/**
 * What a decoder is on paper: its numbers as config.json states them, and where every tensor lives.
 */
@NullMarked
package dev.tandem.trainer.model.shape;

import org.jspecify.annotations.NullMarked;
