package dev.tandem.trainer.cli;

/** Work that is under way, shown on standard error until it is closed. */
public sealed interface Progress extends AutoCloseable
    permits ProgressBarOnTerminal, ProgressInLines {
  /** Some more units are done. */
  void advance(long units);

  /** Something worth seeing beside the count, such as {@code success 43.2%}. */
  void detail(String text);

  @Override
  void close();
}
