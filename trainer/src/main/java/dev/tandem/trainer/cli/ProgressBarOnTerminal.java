package dev.tandem.trainer.cli;

import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar that redraws itself, with rate and remaining time. */
final class ProgressBarOnTerminal implements Progress {
  private static final int REDRAW_MILLISECONDS = 200;

  private final ProgressBar bar;

  ProgressBarOnTerminal(PrintStream err, String what, long total, String unit) {
    this.bar =
        new ProgressBarBuilder()
            .setTaskName(what)
            .setInitialMax(total)
            .setUnit(" " + unit, 1)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(REDRAW_MILLISECONDS)
            .showSpeed()
            .setSpeedUnit(ChronoUnit.SECONDS)
            .setConsumer(new ConsoleProgressBarConsumer(err))
            .build();
  }

  @Override
  public void advance(long units) {
    bar.stepBy(units);
  }

  @Override
  public void detail(String text) {
    bar.setExtraMessage(text);
  }

  @Override
  public void close() {
    bar.close();
  }
}
