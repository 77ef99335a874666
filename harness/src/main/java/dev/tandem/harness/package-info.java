/** The harness as a value: events, hooks, processors, edits, content hash and the run loop. */
@NullMarked
package dev.tandem.harness;

import org.jspecify.annotations.NullMarked;
