package dev.tandem.trainer.model.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.io.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes safetensors files whose bytes depend on nothing but their content. */
public final class SafetensorsWriter {

  private static final int ALIGNMENT = 8;

  /** Takes bytes slice by slice, in order; a buffer is valid during the call only. */
  @FunctionalInterface
  public interface Sink {
    void accept(ByteBuffer bytes) throws IOException;
  }

  /** Gives a tensor's elements, row-major and little endian, slice by slice. */
  @FunctionalInterface
  public interface Content {
    void writeTo(Sink sink) throws IOException;
  }

  /**
   * A tensor to write.
   *
   * @param type of the elements as written
   * @param shape dimensions
   * @param content gives exactly the bytes that type and shape make
   */
  public record Tensor(ElementType type, List<Long> shape, Content content) {
    /** Copies the shape. */
    public Tensor {
      shape = List.copyOf(shape);
    }

    /** Singles on the heap. */
    public Tensor(long[] shape, float[] values) {
      this(ElementType.F32, Arrays.stream(shape).boxed().toList(), sink -> accept(values, sink));
      if (bytes() != (long) values.length * Float.BYTES) {
        throw new IllegalArgumentException(
            "a tensor of %d elements cannot hold %d values"
                .formatted(bytes() / Float.BYTES, values.length));
      }
    }

    private static void accept(float[] values, Sink sink) throws IOException {
      ByteBuffer bytes =
          ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
              .order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      sink.accept(bytes);
    }

    long bytes() {
      return shape.stream().reduce((long) type.bytes(), Math::multiplyExact);
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
    SortedMap<String, Tensor> sorted = new TreeMap<>(tensors);
    CheckpointFiles.write(file, channel -> writeAll(channel, sorted, metadata));
  }

  private static void writeAll(
      FileChannel channel, SortedMap<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    byte[] header = header(tensors, metadata);
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    AtomicFiles.writeFully(channel, length.putLong(header.length).flip());
    AtomicFiles.writeFully(channel, ByteBuffer.wrap(header));
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      long begin = channel.position();
      entry.getValue().content().writeTo(bytes -> AtomicFiles.writeFully(channel, bytes));
      long written = channel.position() - begin;
      if (written != entry.getValue().bytes()) {
        throw new IllegalStateException(
            "%s gave %d bytes of %d".formatted(entry.getKey(), written, entry.getValue().bytes()));
      }
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
      Tensor tensor = entry.getValue();
      ObjectNode node = json.putObject(entry.getKey());
      node.put("dtype", tensor.type().name());
      ArrayNode shape = node.putArray("shape");
      tensor.shape().forEach(shape::add);
      long end = offset + tensor.bytes();
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
