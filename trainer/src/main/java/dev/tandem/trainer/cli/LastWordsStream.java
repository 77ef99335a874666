package dev.tandem.trainer.cli;

import java.io.OutputStream;
import java.io.PrintStream;

/** A stream that ends with what its owner says last; whatever comes later is dropped. */
final class LastWordsStream extends OutputStream {
  private final PrintStream out;
  private boolean over;

  LastWordsStream(PrintStream out) {
    this.out = out;
  }

  @Override
  public synchronized void write(int one) {
    if (!over) {
      out.write(one);
    }
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) {
    if (!over) {
      out.write(bytes, from, length);
    }
  }

  @Override
  public synchronized void flush() {
    out.flush();
  }

  /** Says the last words; they may be followed by others of this kind. */
  synchronized void end(byte[] words) {
    over = true;
    out.write(words, 0, words.length);
    out.flush();
  }
}
