@NullMarked
package dev.tandem.benchmarks.kernels;

import org.jspecify.annotations.NullMarked;
