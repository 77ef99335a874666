/**
 * The two programs of the GPU bundle, {@code kernels-verify} and {@code kernels-bench}. They need
 * nothing but a JVM, the kernels and {@code verify}: the bundle carries no more.
 */
@NullMarked
package dev.tandem.benchmarks.kernels.program;

import org.jspecify.annotations.NullMarked;
