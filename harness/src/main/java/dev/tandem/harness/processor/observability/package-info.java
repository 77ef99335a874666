/** D8, observability. */
@NullMarked
package dev.tandem.harness.processor.observability;

import org.jspecify.annotations.NullMarked;
