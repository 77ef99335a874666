/**
 * Native tensors laid out as a model's shape says, and where they come from: files, a seed, an
 * adapter.
 */
@NullMarked
package dev.tandem.trainer.model.weights;

import org.jspecify.annotations.NullMarked;
