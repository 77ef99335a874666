package dev.tandem.benchmarks;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Leaves one line out, and passes everything else on at once: a line is held back only as long as
 * it may still become that one, so that progress shows while it is being written.
 */
final class WithoutLine extends FilterOutputStream {
  private final byte[] line;

  /** How much of the line has been held back; -1 within a line that is another. */
  private int held;

  /**
   * @param line without its end
   */
  WithoutLine(OutputStream out, String line) {
    super(out);
    this.line = line.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void write(int value) throws IOException {
    if (value == '\n') {
      if (held != line.length) {
        release();
        out.write(value);
      }
      held = 0;
    } else if (held >= 0 && held < line.length && line[held] == (byte) value) {
      held++;
    } else {
      release();
      out.write(value);
    }
  }

  private void release() throws IOException {
    if (held > 0) {
      out.write(line, 0, held);
    }
    held = -1;
  }
}
