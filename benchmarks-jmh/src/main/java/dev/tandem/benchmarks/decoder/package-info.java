/**
 * The decoder's generation, scoring and training, and as whole processes its checkpoints' loading
 * and its memory over time.
 */
@NullMarked
package dev.tandem.benchmarks.decoder;

import org.jspecify.annotations.NullMarked;
