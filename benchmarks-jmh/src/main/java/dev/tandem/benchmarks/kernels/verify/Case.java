package dev.tandem.benchmarks.kernels.verify;

import java.util.random.RandomGenerator;

/**
 * One thing to verify. Preparing it twice with equal generators on two stages gives the same
 * numbers on both.
 *
 * @param operation the operation's name
 * @param detail type, size and what is special
 * @param preparation makes arrays and operation
 */
record Case(String operation, String detail, Preparation preparation) {
  /** Makes arrays on a stage, filled by a generator, and the operation over them. */
  @FunctionalInterface
  interface Preparation {
    Trial prepare(Stage stage, RandomGenerator random);
  }
}
