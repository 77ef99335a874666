/** Success rates with intervals. */
@NullMarked
package dev.tandem.trainer.evaluation;

import org.jspecify.annotations.NullMarked;
