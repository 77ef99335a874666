/** D1, model selection. */
@NullMarked
package dev.tandem.harness.processor.routing;

import org.jspecify.annotations.NullMarked;
