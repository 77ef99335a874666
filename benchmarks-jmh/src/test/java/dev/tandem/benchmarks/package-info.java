@NullMarked
package dev.tandem.benchmarks;

import org.jspecify.annotations.NullMarked;
