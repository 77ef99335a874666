/** D5, execution environment. */
@NullMarked
package dev.tandem.harness.processor.workspace;

import org.jspecify.annotations.NullMarked;
