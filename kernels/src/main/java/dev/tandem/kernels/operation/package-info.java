/**
 * What the kernels compute, as values. An {@link dev.tandem.kernels.operation.Operation} names its
 * inputs, outputs and settings, is checked when it is made, and may be run any number of times on
 * any backend; its documentation is the definition that every backend is held to.
 *
 * <p>Arrays are views of memory segments: {@link dev.tandem.kernels.operation.Values} in one
 * dimension and {@link dev.tandem.kernels.operation.Matrix} in two. Unless an operation says
 * otherwise:
 *
 * <ul>
 *   <li>Floating-point arrays are {@code F32} or {@code F64}, all of one type; sums are {@code
 *       F64}.
 *   <li>Outputs share no memory with each other or with inputs.
 *   <li>NaN and infinities follow IEEE 754 through the formula as written. What a mask excludes is
 *       never looked at, and a product with a weight of 0 is 0, whatever the other factor.
 *   <li>Denormal numbers are numbers. Only exponentials may be flushed to 0 where they would be
 *       smaller than the smallest normal number of the type they are computed in.
 *   <li>The same inputs give the same bytes on every run of one backend on one machine; backends
 *       agree with the scalar one up to rounding.
 * </ul>
 */
@NullMarked
package dev.tandem.kernels.operation;

import org.jspecify.annotations.NullMarked;
