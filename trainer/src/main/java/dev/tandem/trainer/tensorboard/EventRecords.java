package dev.tandem.trainer.tensorboard;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.zip.CRC32C;

/**
 * The records of an event file. Each is a TFRecord: its length, the length's masked CRC-32C, its
 * bytes and their masked CRC-32C, in little-endian order (tensorflow/core/lib/io/record_writer.h).
 * The bytes are a protocol buffer of type {@code tensorflow.Event}
 * (tensorflow/core/util/event.proto), of which seven fields of three messages are written here:
 * fewer lines than a library would take to be brought in.
 */
final class EventRecords {
  // Event
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  // Summary
  private static final int VALUE = 1;
  // Summary.Value
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;

  // Wire types
  private static final int VARINT = 0;
  private static final int EIGHT_BYTES = 1;
  private static final int LENGTH_AND_BYTES = 2;
  private static final int FOUR_BYTES = 5;

  private static final int CRC_MASK = 0xa282ead8;

  private EventRecords() {}

  /** What every file begins with. */
  static byte[] version(double wallTime) {
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    fixed(event, WALL_TIME, wallTime);
    bytes(event, FILE_VERSION, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
    return record(event.toByteArray());
  }

  /**
   * Values at one place of the horizontal axis.
   *
   * @param wallTime seconds since 1970
   * @param step at least 0
   * @param values by tag, finite
   */
  static byte[] scalars(double wallTime, long step, SortedMap<String, Double> values) {
    ByteArrayOutputStream summary = new ByteArrayOutputStream();
    values.forEach(
        (tag, value) -> {
          ByteArrayOutputStream one = new ByteArrayOutputStream();
          bytes(one, TAG, tag.getBytes(StandardCharsets.UTF_8));
          fixed(one, SIMPLE_VALUE, value.floatValue());
          bytes(summary, VALUE, one.toByteArray());
        });
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    fixed(event, WALL_TIME, wallTime);
    key(event, STEP, VARINT);
    varint(event, step);
    bytes(event, SUMMARY, summary.toByteArray());
    return record(event.toByteArray());
  }

  private static byte[] record(byte[] data) {
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES + data.length + Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length);
    record.putInt(maskedChecksum(record.array(), Long.BYTES));
    record.put(data);
    record.putInt(maskedChecksum(data, data.length));
    return record.array();
  }

  private static int maskedChecksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return Integer.rotateRight((int) checksum.getValue(), 15) + CRC_MASK;
  }

  private static void key(ByteArrayOutputStream to, int field, int wireType) {
    varint(to, ((long) field << 3) | wireType);
  }

  private static void varint(ByteArrayOutputStream to, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      to.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    to.write((int) rest);
  }

  private static void bytes(ByteArrayOutputStream to, int field, byte[] bytes) {
    key(to, field, LENGTH_AND_BYTES);
    varint(to, bytes.length);
    to.writeBytes(bytes);
  }

  private static void fixed(ByteArrayOutputStream to, int field, double value) {
    key(to, field, EIGHT_BYTES);
    to.writeBytes(
        ByteBuffer.allocate(Double.BYTES).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
  }

  private static void fixed(ByteArrayOutputStream to, int field, float value) {
    key(to, field, FOUR_BYTES);
    to.writeBytes(
        ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
  }
}
