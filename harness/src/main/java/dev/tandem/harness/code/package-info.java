/**
 * Code processors: JavaScript as part of a harness, run in worker processes that can be lost
 * without loss to the run.
 */
@NullMarked
package dev.tandem.harness.code;

import org.jspecify.annotations.NullMarked;
