/**
 * The two programs of the GPU bundle, which need nothing but a JVM: {@code kernels-verify} and
 * {@code kernels-bench}.
 */
@NullMarked
package dev.tandem.kernels.program;

import org.jspecify.annotations.NullMarked;
