package dev.tandem.trainer.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;

/**
 * A plain line now and then, for logs. Work that is done before the first line is due is silent.
 */
final class ProgressInLines implements Progress {
  static final Duration INTERVAL = Duration.ofSeconds(30);

  private final PrintStream err;
  private final String what;
  private final long total;
  private final String unit;
  private final InstantSource clock;
  private final Instant start;
  private Instant lastLine;
  private long done;
  private String detail = "";

  ProgressInLines(PrintStream err, String what, long total, String unit, InstantSource clock) {
    this.err = err;
    this.what = what;
    this.total = total;
    this.unit = unit;
    this.clock = clock;
    this.start = clock.instant();
    this.lastLine = start;
  }

  @Override
  public synchronized void advance(long units) {
    done += units;
    Instant now = clock.instant();
    if (Duration.between(lastLine, now).compareTo(INTERVAL) >= 0) {
      lastLine = now;
      err.println(line(Duration.between(start, now)));
    }
  }

  @Override
  public synchronized void detail(String text) {
    detail = text;
  }

  @Override
  public synchronized void close() {
    if (!lastLine.equals(start)) {
      Duration spent = Duration.between(start, clock.instant());
      err.println("%s: %d %s in %s".formatted(what, done, unit, readable(spent)));
    }
  }

  private String line(Duration spent) {
    double rate = done / Math.max(1e-3, spent.toMillis() / 1e3);
    String remaining =
        rate > 0
            ? ", " + readable(Duration.ofSeconds(Math.round((total - done) / rate))) + " left"
            : "";
    String aside = detail.isEmpty() ? "" : ", " + detail;
    return String.format(
        Locale.ROOT,
        "%s: %d of %d %s, %.1f/s%s%s",
        what,
        done,
        total,
        unit,
        rate,
        remaining,
        aside);
  }

  static String readable(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    return seconds < 3600
        ? "%d min %02d s".formatted(seconds / 60, seconds % 60)
        : "%d h %02d min".formatted(seconds / 3600, seconds / 60 % 60);
  }
}
