package dev.tandem.harness.value;

import java.time.Instant;
import java.time.InstantSource;

/**
 * A clock for durations and deadlines: it begins with the system's time and from then on goes by
 * nanoseconds elapsed, so that somebody who sets the system's clock, or a time server that does,
 * makes nothing earlier, later or longer.
 */
public final class SteadyClock implements InstantSource {
  private final Instant begin = Instant.now();
  private final long nanoTime = System.nanoTime();

  @Override
  public Instant instant() {
    return begin.plusNanos(System.nanoTime() - nanoTime);
  }
}
