/** D3, memory. */
@NullMarked
package dev.tandem.harness.processor.memory;

import org.jspecify.annotations.NullMarked;
