package dev.tandem.trainer.cli;

import dev.tandem.trainer.run.Monitor;

/** A run's news on the console. */
final class ConsoleMonitor implements Monitor {
  private final Console console;

  ConsoleMonitor(Console console) {
    this.console = console;
  }

  @Override
  public Task begin(String what, long total, String unit) {
    Progress progress = console.progress(what, total, unit);
    return new Task() {
      @Override
      public void advance(long units) {
        progress.advance(units);
      }

      @Override
      public void detail(String text) {
        progress.detail(text);
      }

      @Override
      public void close() {
        progress.close();
      }
    };
  }

  @Override
  public void note(String text) {
    console.note(text);
  }
}
