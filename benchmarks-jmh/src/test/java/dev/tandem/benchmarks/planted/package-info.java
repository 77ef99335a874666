/** Half of a cycle between packages, so that {@code PackagesTest} sees one. */
@NullMarked
package dev.tandem.benchmarks.planted;

import org.jspecify.annotations.NullMarked;
