@NullMarked
package dev.tandem.benchmarks.kernels.verify;

import org.jspecify.annotations.NullMarked;
