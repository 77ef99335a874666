/** JMH suites over the kernels, against the oracle, libtorch and ND4J. */
@NullMarked
package dev.tandem.benchmarks.kernels;

import org.jspecify.annotations.NullMarked;
