/** D7, control and safety. */
@NullMarked
package dev.tandem.harness.processor.control;

import org.jspecify.annotations.NullMarked;
