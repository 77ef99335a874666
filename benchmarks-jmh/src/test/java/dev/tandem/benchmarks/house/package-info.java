@NullMarked
package dev.tandem.benchmarks.house;

import org.jspecify.annotations.NullMarked;
