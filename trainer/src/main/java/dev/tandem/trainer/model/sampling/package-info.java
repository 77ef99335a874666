/** Drawing responses: a running batch that requests join and leave. */
@NullMarked
package dev.tandem.trainer.model.sampling;

import org.jspecify.annotations.NullMarked;
