/** D6, evaluation and reward. */
@NullMarked
package dev.tandem.harness.processor.evaluation;

import org.jspecify.annotations.NullMarked;
