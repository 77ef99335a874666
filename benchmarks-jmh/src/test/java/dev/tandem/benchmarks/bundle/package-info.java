@NullMarked
package dev.tandem.benchmarks.bundle;

import org.jspecify.annotations.NullMarked;
