@NullMarked
package dev.tandem.benchmarks.harness;

import org.jspecify.annotations.NullMarked;
