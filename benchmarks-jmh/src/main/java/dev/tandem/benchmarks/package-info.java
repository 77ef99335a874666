/** JMH suites over the public surface of the other modules; nothing depends on this one. */
@NullMarked
package dev.tandem.benchmarks;

import org.jspecify.annotations.NullMarked;
