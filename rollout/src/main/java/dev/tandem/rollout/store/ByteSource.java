package dev.tandem.rollout.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reads what {@link ByteSink} wrote. */
final class ByteSource implements AutoCloseable {
  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int next;
  private int end;

  ByteSource(InputStream in) {
    this.in = in;
  }

  int get() throws IOException {
    if (next == end) {
      fill();
    }
    return buffer[next++] & 0xFF;
  }

  private void fill() throws IOException {
    end = Math.max(0, in.read(buffer));
    next = 0;
    if (end == 0) {
      throw new EOFException("it ends too early");
    }
  }

  /** So many bytes; memory is taken as they come, so that a wrong count fails before it costs. */
  byte[] get(int count) throws IOException {
    byte[] bytes = new byte[Math.min(count, buffer.length)];
    int filled = 0;
    while (filled < count) {
      if (filled == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(count, 2L * bytes.length));
      }
      if (next == end) {
        fill();
      }
      int some = Math.min(end - next, bytes.length - filled);
      System.arraycopy(buffer, next, bytes, filled, some);
      next += some;
      filled += some;
    }
    return bytes;
  }

  int fixed32() throws IOException {
    int value = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      value |= get() << shift;
    }
    return value;
  }

  long fixed64() throws IOException {
    return Integer.toUnsignedLong(fixed32()) | (long) fixed32() << Integer.SIZE;
  }

  long unsigned() throws IOException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int one = get();
      value |= (long) (one & 0x7F) << shift;
      if ((one & 0x80) == 0) {
        return value;
      }
    }
    throw new IOException("a number has too many digits");
  }

  long signed() throws IOException {
    long value = unsigned();
    return (value >>> 1) ^ -(value & 1);
  }

  /** A number that counts something or names its place. */
  int count() throws IOException {
    long value = unsigned();
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new IOException("a number is too large");
    }
    return (int) value;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
