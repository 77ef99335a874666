package dev.tandem.trainer.run;

/** Told how a run gets on, for progress bars; nothing depends on it. */
public interface Monitor {
  /** Begins a piece of work of so many units. */
  Task begin(String what, long total, String unit);

  /** Something a person would want to read. */
  void note(String text);

  /** Work under way. */
  interface Task extends AutoCloseable {
    void advance(long units);

    void detail(String text);

    @Override
    void close();
  }
}
