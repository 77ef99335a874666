/**
 * The archive that takes the kernels to a GPU machine without a JDK, and the process that makes it
 * for the command line.
 */
@NullMarked
package dev.tandem.benchmarks.bundle;

import org.jspecify.annotations.NullMarked;
