/**
 * What measures the other modules through their public surface; nothing depends on this one. There
 * is a package for each thing that is measured; here is the process that runs the suites.
 */
@NullMarked
package dev.tandem.benchmarks;

import org.jspecify.annotations.NullMarked;
