@NullMarked
package dev.tandem.benchmarks.decoder;

import org.jspecify.annotations.NullMarked;
