package dev.tandem.trainer.cli;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Calls back now and then, until it is stopped. */
@FunctionalInterface
interface Timer {
  /** Begins to call {@code action}; the answer stops it, and no call begins after that. */
  Runnable every(Duration interval, Runnable action);

  /** By the clock, on a thread of its own that keeps no process alive. */
  static Timer system() {
    return (interval, action) -> {
      ScheduledExecutorService executor =
          Executors.newSingleThreadScheduledExecutor(
              work -> Thread.ofPlatform().daemon().name("progress").unstarted(work));
      var _ =
          executor.scheduleAtFixedRate(
              action, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
      return executor::shutdownNow;
    };
  }
}
