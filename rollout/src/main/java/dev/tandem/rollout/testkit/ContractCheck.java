package dev.tandem.rollout.testkit;

import java.util.List;
import java.util.function.Supplier;

/**
 * One part of the contract, to be run by itself: as a dynamic test, say.
 *
 * @param name such as {@code replay}
 * @param meaning what it looks at, in a sentence
 * @param run looks; empty when all is well
 */
public record ContractCheck(String name, String meaning, Supplier<List<Violation>> run) {
  /**
   * Looks, and throws when something is wrong.
   *
   * @throws AssertionError with every violation on a line of its own
   */
  public void require() {
    EnvironmentContract.throwIfAny(run.get());
  }
}
