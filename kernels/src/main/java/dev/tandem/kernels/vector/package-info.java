/**
 * Every operation on SIMD lanes of the Vector API. Loading these classes needs the module {@code
 * jdk.incubator.vector}: only the facade refers to them, after it has looked for the module.
 */
@NullMarked
package dev.tandem.kernels.vector;

import org.jspecify.annotations.NullMarked;
