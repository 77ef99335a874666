package dev.tandem.trainer;

import dev.tandem.trainer.run.Monitor;
import java.util.ArrayList;
import java.util.List;

/** Keeps what was noted and the names of all work begun. */
public final class SilentMonitor implements Monitor {
  final List<String> notes = new ArrayList<>();
  final List<String> work = new ArrayList<>();

  @Override
  public Task begin(String what, long total, String unit) {
    work.add(what);
    return new Task() {
      @Override
      public void advance(long units) {}

      @Override
      public void detail(String text) {}

      @Override
      public void close() {}
    };
  }

  @Override
  public void note(String text) {
    notes.add(text);
  }
}
