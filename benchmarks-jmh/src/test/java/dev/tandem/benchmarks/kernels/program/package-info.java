@NullMarked
package dev.tandem.benchmarks.kernels.program;

import org.jspecify.annotations.NullMarked;
