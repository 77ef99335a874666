/** Episodes of House, with the default model and around a recorded one. */
@NullMarked
package dev.tandem.benchmarks.house;

import org.jspecify.annotations.NullMarked;
