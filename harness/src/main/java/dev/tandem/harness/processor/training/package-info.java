/** D9, training bridge. */
@NullMarked
package dev.tandem.harness.processor.training;

import org.jspecify.annotations.NullMarked;
