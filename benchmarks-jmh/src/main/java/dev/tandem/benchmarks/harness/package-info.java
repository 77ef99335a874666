/** The run loop, the harness as a value, and code processors. */
@NullMarked
package dev.tandem.benchmarks.harness;

import org.jspecify.annotations.NullMarked;
