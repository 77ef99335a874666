/** D2, context assembly. */
@NullMarked
package dev.tandem.harness.processor.context;

import org.jspecify.annotations.NullMarked;
