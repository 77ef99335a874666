package dev.tandem.rollout.run;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongUnaryOperator;

/** A thread that looks after deadlines while the others may be stuck. */
final class Watchdog implements AutoCloseable {
  private static final long SHORTEST_NAP = 1_000_000;

  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param check looks, at a time in nanoseconds, and tells how many later to look again
   */
  Watchdog(LongUnaryOperator check) {
    thread =
        Thread.ofPlatform()
            .name("episode-watchdog")
            .daemon()
            .start(
                () -> {
                  while (!closed) {
                    long nap = check.applyAsLong(System.nanoTime());
                    LockSupport.parkNanos(Math.max(SHORTEST_NAP, nap));
                  }
                });
  }

  /** Ends it, and waits for its end. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
