/** D4, tools. */
@NullMarked
package dev.tandem.harness.processor.tools;

import org.jspecify.annotations.NullMarked;
