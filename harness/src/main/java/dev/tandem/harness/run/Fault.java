package dev.tandem.harness.run;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.spi.World;
import java.util.Objects;
import java.util.concurrent.Callable;

/**
 * Something around the agent threw: the one episode that it threw in ends with a reason that counts
 * against nobody. Running out of memory or stack is the fault of whoever was running; other errors
 * of the virtual machine are everybody's and go on.
 */
final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitReason reason;

  Fault(ExitReason reason, String detail, Throwable cause) {
    super(detail, cause);
    this.reason = reason;
  }

  ExitReason reason() {
    return reason;
  }

  /** Runs a part of the episode that others have written. */
  static <T> T guard(ExitReason reason, String whose, Callable<T> part) {
    try {
      return Objects.requireNonNull(part.call(), "it gave nothing back");
    } catch (Throwable e) {
      letThrough(e);
      throw new Fault(reason, whose + describe(e), e);
    }
  }

  /** Throws what an episode must not hold back. */
  static void letThrough(Throwable thrown) {
    if (thrown instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    } else if (thrown instanceof VirtualMachineError error
        && !(error instanceof OutOfMemoryError || error instanceof StackOverflowError)) {
      throw error;
    }
  }

  /** Class and message; the message alone where it was written for whoever reads of the episode. */
  static String describe(Throwable thrown) {
    boolean told = thrown instanceof World.WorldException || thrown instanceof Model.ModelException;
    String message = thrown.getMessage();
    return told && message != null ? message : thrown.toString();
  }
}
