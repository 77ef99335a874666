/**
 * What benchmarks are held against: what this machine can do at most, the work that an operation
 * amounts to, and that its result is right.
 */
@NullMarked
package dev.tandem.benchmarks.measure;

import org.jspecify.annotations.NullMarked;
