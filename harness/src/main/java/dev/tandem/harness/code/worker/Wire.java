package dev.tandem.harness.code.worker;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The protocol between a process and its code workers: frames of a length, a kind, a number and
 * texts, each written and flushed as a whole. One request is under way at a time, and every request
 * is answered by one frame.
 */
public final class Wire {
  /** Worker to parent, once: ready for requests. */
  public static final byte READY = 1;

  /** Worker to parent, once, with a reason: it cannot work here. */
  public static final byte REFUSED = 2;

  /** Parent to worker: [hash, source], no answer; calls name the source by its hash. */
  public static final byte LOAD = 3;

  /** Parent to worker, number = most statements: [hash, event, state]. */
  public static final byte CALL = 4;

  /** Worker to parent: [outcome, state]. */
  public static final byte RETURNED = 5;

  /** Worker to parent: [reason]. */
  public static final byte FAILED = 6;

  private static final int HEADER = 1 + Long.BYTES + Integer.BYTES;
  private static final int MOST_TEXTS = 3;
  private static final long STATEMENTS_A_CLOCK = 100_000;

  private Wire() {}

  /**
   * How many times the wall clock a call may take: code that may run more statements may take more
   * time, so that the statements are what limits it.
   */
  public static long patience(long statements) {
    return Math.ceilDiv(statements, STATEMENTS_A_CLOCK);
  }

  /** One message. */
  public record Frame(byte kind, long number, List<String> texts) {
    public Frame {
      texts = List.copyOf(texts);
    }

    public static Frame of(byte kind, String... texts) {
      return new Frame(kind, 0, List.of(texts));
    }
  }

  /** A message was longer than allowed, or no message at all. */
  public static final class WireException extends IOException {
    private static final long serialVersionUID = 1L;

    WireException(String message) {
      super(message);
    }
  }

  /**
   * Writes and flushes a frame.
   *
   * @param limit most bytes of the frame
   * @throws WireException when the frame is longer; nothing was written then
   */
  public static void write(OutputStream out, Frame frame, int limit) throws IOException {
    List<byte[]> texts = new ArrayList<>(frame.texts().size());
    long length = HEADER;
    for (String text : frame.texts()) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      length += Integer.BYTES + (long) bytes.length;
      if (length > limit) {
        throw new WireException("the message is longer than " + limit + " bytes");
      }
      texts.add(bytes);
    }
    ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES + (int) length);
    buffer.putInt((int) length).put(frame.kind()).putLong(frame.number()).putInt(texts.size());
    for (byte[] text : texts) {
      buffer.putInt(text.length).put(text);
    }
    // One write: the other side wakes up once, to a whole frame.
    out.write(buffer.array());
    out.flush();
  }

  /**
   * Waits for a frame.
   *
   * @param limit most bytes of the frame
   * @throws EOFException when the other side is gone
   * @throws WireException when what arrives is longer or is no frame
   */
  public static Frame read(InputStream in, int limit) throws IOException {
    int length = new DataInputStream(in).readInt();
    if (length < HEADER || length > limit) {
      throw new WireException(
          "a message must have %d to %d bytes, had %d".formatted(HEADER, limit, length));
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the stream ended within a message");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    byte kind = buffer.get();
    long number = buffer.getLong();
    int count = buffer.getInt();
    if (count < 0 || count > MOST_TEXTS) {
      throw new WireException("a message has at most " + MOST_TEXTS + " texts, had " + count);
    }
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int size = buffer.remaining() < Integer.BYTES ? -1 : buffer.getInt();
      if (size < 0 || size > buffer.remaining()) {
        throw new WireException("text " + i + " of a message has an impossible length: " + size);
      }
      texts.add(new String(bytes, buffer.position(), size, StandardCharsets.UTF_8));
      buffer.position(buffer.position() + size);
    }
    return new Frame(kind, number, texts);
  }
}
