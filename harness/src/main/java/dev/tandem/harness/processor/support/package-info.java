/** What several processors need: notes, exchanges, tool input, group names. */
@NullMarked
package dev.tandem.harness.processor.support;

import org.jspecify.annotations.NullMarked;
