package dev.tandem.trainer.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A line that redraws itself, with rate and remaining time. Of several on one terminal the one that
 * was begun last is drawn, until it is closed.
 */
final class ProgressBarOnTerminal implements Progress {
  static final Duration INTERVAL = Duration.ofMillis(200);

  private final PrintStream err;
  private final List<ProgressBarOnTerminal> open;
  private final int columns;
  private final String what;
  private final long total;
  private final String unit;
  private final InstantSource clock;
  private final Instant start;
  private final Runnable stop;
  private long done;
  private String detail = "";
  private String drawn = "";
  private boolean closed;

  /** The only one on its terminal. */
  ProgressBarOnTerminal(
      PrintStream err,
      int columns,
      String what,
      long total,
      String unit,
      InstantSource clock,
      Timer timer) {
    this(err, new CopyOnWriteArrayList<>(), columns, what, total, unit, clock, timer);
  }

  /**
   * @param open those of the terminal that are not closed, for any thread; this one is added
   * @param columns of the terminal
   */
  ProgressBarOnTerminal(
      PrintStream err,
      List<ProgressBarOnTerminal> open,
      int columns,
      String what,
      long total,
      String unit,
      InstantSource clock,
      Timer timer) {
    this.err = err;
    this.columns = columns;
    this.what = what;
    this.total = total;
    this.unit = unit;
    this.clock = clock;
    this.start = clock.instant();
    this.open = open;
    List<ProgressBarOnTerminal> before = List.copyOf(open);
    open.add(this);
    before.forEach(ProgressBarOnTerminal::clear);
    draw();
    this.stop = timer.every(INTERVAL, this::draw);
  }

  @Override
  public synchronized void advance(long units) {
    done += units;
  }

  @Override
  public synchronized void detail(String text) {
    detail = text;
  }

  /** Makes room for a line of text; the next frame comes below it. */
  synchronized void clear() {
    if (!drawn.isEmpty()) {
      err.print("\r" + " ".repeat(drawn.length()) + "\r");
      drawn = "";
    }
  }

  private synchronized void draw() {
    if (!closed && open.getLast() == this) {
      show();
    }
  }

  private void show() {
    // One column stays free: a terminal goes on to the next line when the last one is written.
    String frame =
        new ProgressText(what, done, total, unit, Duration.between(start, clock.instant()), detail)
            .bar(columns - 1);
    if (!frame.equals(drawn)) {
      String rest = " ".repeat(Math.max(0, drawn.length() - frame.length()));
      err.print("\r" + frame + rest);
      err.flush();
      drawn = frame;
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      stop.run();
      if (open.getLast() != this) {
        open.getLast().clear();
      }
      show();
      closed = true;
      open.remove(this);
      drawn = "";
      err.println();
    }
  }
}
