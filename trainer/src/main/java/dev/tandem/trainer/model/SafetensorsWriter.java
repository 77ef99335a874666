package dev.tandem.trainer.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes single-precision safetensors files whose bytes depend on nothing but their content. */
public final class SafetensorsWriter {

  private static final int ALIGNMENT = 8;

  /**
   * A tensor to write.
   *
   * @param shape dimensions
   * @param values elements in row-major order
   */
  @SuppressWarnings("ArrayRecordComponent") // bulk data, never compared
  public record Tensor(long[] shape, float[] values) {
    /** Checks that shape and values agree. */
    public Tensor {
      long elements = 1;
      for (long dimension : shape) {
        elements *= dimension;
      }
      if (elements != values.length) {
        throw new IllegalArgumentException(
            "a tensor of %d elements cannot hold %d values".formatted(elements, values.length));
      }
    }
  }

  private SafetensorsWriter() {}

  /**
   * Writes {@code tensors} in the order of their names. The file appears complete or not at all: it
   * is written beside its place, forced to disk, then renamed.
   *
   * @throws CheckpointException when the file system refuses
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    AtomicFiles.write(file, channel -> writeAll(channel, new TreeMap<>(tensors), metadata));
  }

  private static void writeAll(
      FileChannel channel, SortedMap<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    byte[] header = header(tensors, metadata);
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    AtomicFiles.writeFully(channel, length.putLong(header.length).flip());
    AtomicFiles.writeFully(channel, ByteBuffer.wrap(header));
    for (Tensor tensor : tensors.values()) {
      ByteBuffer bytes =
          ByteBuffer.allocate(Math.multiplyExact(tensor.values().length, Float.BYTES))
              .order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(tensor.values());
      AtomicFiles.writeFully(channel, bytes);
    }
  }

  /** The header, padded with spaces so that tensors are aligned. */
  private static byte[] header(SortedMap<String, Tensor> tensors, Map<String, String> metadata) {
    ObjectNode json = JsonFiles.MAPPER.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = json.putObject("__metadata__");
      new TreeMap<>(metadata).forEach(node::put);
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      ObjectNode node = json.putObject(entry.getKey());
      node.put("dtype", "F32");
      ArrayNode shape = node.putArray("shape");
      for (long dimension : entry.getValue().shape()) {
        shape.add(dimension);
      }
      long end = offset + (long) entry.getValue().values().length * Float.BYTES;
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] compact;
    try {
      compact = JsonFiles.MAPPER.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("a JSON tree always serialises", e);
    }
    int padded = (compact.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    byte[] header = Arrays.copyOf(compact, padded);
    Arrays.fill(header, compact.length, padded, (byte) ' ');
    return header;
  }
}
