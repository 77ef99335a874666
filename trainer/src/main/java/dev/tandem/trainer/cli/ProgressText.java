package dev.tandem.trainer.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How far a piece of work has got, in words.
 *
 * @param done units so far
 * @param spent since it began
 * @param detail something worth seeing beside the count; empty for nothing
 */
record ProgressText(
    String what, long done, long total, String unit, Duration spent, String detail) {
  private static final int MOST_CELLS = 20;
  private static final int LEAST_CELLS = 5;

  /** For a log: everything on one line that can be read by itself. */
  String line() {
    return "%s: %d of %d %s, %s".formatted(what, done, total, unit, pace());
  }

  /** For a log, at the end. */
  String ended() {
    return "%s: %d %s in %s".formatted(what, done, unit, readable(spent));
  }

  /**
   * For a line of a terminal that redraws itself.
   *
   * @param columns that the line may take; what does not fit is cut off
   */
  String bar(int columns) {
    String head = "%s %3d%% ".formatted(what, total <= 0 ? 100 : Math.min(100, 100 * done / total));
    String tail = " %d/%d %s, %s".formatted(done, total, unit, pace());
    int room = Math.min(MOST_CELLS, columns - head.length() - tail.length() - 2);
    String bar = room < LEAST_CELLS ? "" : cells(room);
    String all = head + bar + (bar.isEmpty() ? tail.substring(1) : tail);
    return all.length() <= columns ? all : all.substring(0, Math.max(0, columns));
  }

  private String cells(int room) {
    int full = total <= 0 ? room : (int) Math.min(room, room * done / total);
    return "[" + "=".repeat(full) + " ".repeat(room - full) + "]";
  }

  /** Rate, time so far, time left, and the detail. */
  private String pace() {
    List<String> parts = new ArrayList<>();
    double seconds = spent.toMillis() / 1e3;
    double rate = seconds > 0 ? done / seconds : 0;
    if (rate >= 0.1) {
      parts.add(String.format(Locale.ROOT, "%.1f/s", rate));
    } else if (rate > 0) {
      parts.add(String.format(Locale.ROOT, "%.1f/min", rate * 60));
    }
    parts.add(readable(spent));
    if (rate > 0 && done < total) {
      parts.add(readable(Duration.ofSeconds(Math.round((total - done) / rate))) + " left");
    } else if (done < total) {
      parts.add("time left not known yet");
    }
    if (!detail.isEmpty()) {
      parts.add(detail);
    }
    return String.join(", ", parts);
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
