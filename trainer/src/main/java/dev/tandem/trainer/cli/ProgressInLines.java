package dev.tandem.trainer.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * A plain line every ten seconds, for logs, whether anything got done in them or not: who reads a
 * log wants to know that a slow unit is not a dead process. Work that is done before the first line
 * is due is silent.
 */
final class ProgressInLines implements Progress {
  static final Duration INTERVAL = Duration.ofSeconds(10);

  private final PrintStream err;
  private final String what;
  private final long total;
  private final String unit;
  private final InstantSource clock;
  private final Instant start;
  private final Runnable stop;
  private long done;
  private String detail = "";
  private boolean spoken;

  ProgressInLines(
      PrintStream err, String what, long total, String unit, InstantSource clock, Timer timer) {
    this.err = err;
    this.what = what;
    this.total = total;
    this.unit = unit;
    this.clock = clock;
    this.start = clock.instant();
    this.stop = timer.every(INTERVAL, this::speak);
  }

  @Override
  public synchronized void advance(long units) {
    done += units;
  }

  @Override
  public synchronized void detail(String text) {
    detail = text;
  }

  private synchronized void speak() {
    spoken = true;
    err.println(text().line());
  }

  @Override
  public synchronized void close() {
    stop.run();
    if (spoken) {
      spoken = false;
      err.println(text().ended());
    }
  }

  private ProgressText text() {
    return new ProgressText(
        what, done, total, unit, Duration.between(start, clock.instant()), detail);
  }
}
