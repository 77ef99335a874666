package dev.tandem.trainer.model.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A safetensors file: eight bytes of header length, a JSON header, then the tensors' bytes without
 * gaps.
 *
 * <p>Opening checks the whole structure, so that reading a tensor cannot fail later. Tensors are
 * mapped one by one: what has been read through a mapping counts as this process's memory until it
 * is unmapped, and a model need not be there twice.
 */
public final class Safetensors implements TensorSource, AutoCloseable {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int LENGTH_BYTES = Long.BYTES;
  private static final long MAX_HEADER_BYTES = 100_000_000; // the format's own limit
  private static final String METADATA = "__metadata__";

  /**
   * One tensor's entry in the header.
   *
   * @param name its name
   * @param type element type
   * @param shape dimensions
   * @param begin first byte, counted from the end of the header
   * @param end first byte after it
   */
  public record Entry(String name, ElementType type, List<Long> shape, long begin, long end) {
    /** Copies the shape. */
    public Entry {
      shape = List.copyOf(shape);
    }
  }

  private final Path file;
  private final Arena arena;
  private final FileChannel channel;
  private final long dataBegin;
  private final Map<String, Entry> entries;
  private final Map<String, String> metadata;

  private Safetensors(
      Path file,
      Arena arena,
      FileChannel channel,
      long dataBegin,
      Map<String, Entry> entries,
      Map<String, String> metadata) {
    this.file = file;
    this.arena = arena;
    this.channel = channel;
    this.dataBegin = dataBegin;
    this.entries = Collections.unmodifiableMap(entries);
    this.metadata = Map.copyOf(metadata);
  }

  /**
   * Opens a file and checks its header, offsets and length.
   *
   * @throws CheckpointException when the file is missing or damaged
   */
  public static Safetensors open(Path file) {
    FileChannel channel = null;
    boolean opened = false;
    try (Arena header = Arena.ofConfined()) {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), header);
      Safetensors result = parse(file, channel, bytes);
      opened = true;
      return result;
    } catch (NoSuchFileException e) {
      throw new CheckpointException(
          file, "the file is missing; name the directory of a complete checkpoint", e);
    } catch (IOException e) {
      throw new CheckpointException(file, "cannot be read (" + e.getMessage() + ")", e);
    } finally {
      if (!opened && channel != null) {
        close(file, channel);
      }
    }
  }

  private static Safetensors parse(Path file, FileChannel channel, MemorySegment bytes) {
    if (bytes.byteSize() < LENGTH_BYTES) {
      throw new CheckpointException(
          file,
          "has %d bytes, too short for a safetensors header; copy the file again"
              .formatted(bytes.byteSize()));
    }
    long headerLength = bytes.get(LONG, 0);
    if (headerLength < 2
        || headerLength > Math.min(MAX_HEADER_BYTES, bytes.byteSize() - LENGTH_BYTES)) {
      throw new CheckpointException(
          file,
          "states a header of %s bytes in a file of %d; it is truncated or not safetensors, copy it again"
              .formatted(Long.toUnsignedString(headerLength), bytes.byteSize()));
    }
    byte[] header = bytes.asSlice(LENGTH_BYTES, headerLength).toArray(ValueLayout.JAVA_BYTE);
    long dataBegin = LENGTH_BYTES + headerLength;
    JsonNode json;
    try {
      json = JsonFiles.MAPPER.readTree(new String(header, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new CheckpointException(file, "has a header that is not JSON; copy the file again", e);
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> property : json.properties()) {
      if (property.getKey().equals(METADATA)) {
        property
            .getValue()
            .properties()
            .forEach(p -> metadata.put(p.getKey(), p.getValue().asText()));
      } else {
        entries.put(property.getKey(), entry(file, property.getKey(), property.getValue()));
      }
    }
    checkOffsets(file, entries.values(), bytes.byteSize() - dataBegin);
    return new Safetensors(file, Arena.ofShared(), channel, dataBegin, entries, metadata);
  }

  private static Entry entry(Path file, String name, JsonNode json) {
    String typeName = json.path("dtype").asText("absent");
    ElementType type =
        Arrays.stream(ElementType.values())
            .filter(candidate -> candidate.name().equals(typeName))
            .findFirst()
            .orElseThrow(
                () ->
                    new CheckpointException(
                        file,
                        "tensor %s has dtype %s; convert the checkpoint to F32, F16 or BF16"
                            .formatted(name, typeName)));
    List<Long> shape = new ArrayList<>();
    long size = type.bytes();
    for (JsonNode dimension : json.path("shape")) {
      if (!dimension.isIntegralNumber() || dimension.longValue() < 0) {
        throw new CheckpointException(
            file, "tensor %s has dimension %s; copy the file again".formatted(name, dimension));
      }
      shape.add(dimension.longValue());
      size = saturatedProduct(size, dimension.longValue());
    }
    JsonNode offsets = json.path("data_offsets");
    long begin = offsets.path(0).asLong(-1);
    long end = offsets.path(1).asLong(-1);
    if (offsets.size() != 2 || begin < 0 || end < begin || end - begin != size) {
      throw new CheckpointException(
          file,
          "tensor %s of type %s and shape %s needs %d bytes but has offsets %s; copy the file again"
              .formatted(name, type, shape, size, offsets));
    }
    return new Entry(name, type, shape, begin, end);
  }

  private static long saturatedProduct(long a, long b) {
    long high = Math.multiplyHigh(a, b);
    long low = a * b;
    return high == 0 && low >= 0 ? low : Long.MAX_VALUE;
  }

  private static void checkOffsets(Path file, Iterable<Entry> entries, long available) {
    List<Entry> ordered = new ArrayList<>();
    entries.forEach(ordered::add);
    ordered.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long expected = 0;
    for (Entry entry : ordered) {
      if (entry.begin() != expected) {
        throw new CheckpointException(
            file,
            "tensor %s begins at byte %d where %d was expected; copy the file again"
                .formatted(entry.name(), entry.begin(), expected));
      }
      expected = entry.end();
    }
    if (expected != available) {
      throw new CheckpointException(
          file,
          "the header describes %d bytes of tensors, the file has %d; it is truncated or damaged, copy it again"
              .formatted(expected, available));
    }
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** The header's entries by name, in the header's order. */
  public Map<String, Entry> entries() {
    return entries;
  }

  /** The header's free-form metadata. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * Returns a tensor where it lies; not to be touched once this is closed.
   *
   * @throws CheckpointException when there is no such tensor
   */
  public StoredTensor tensor(String name) {
    return mapped(name, arena);
  }

  /**
   * Lends a tensor, which is unmapped when the reader returns.
   *
   * @throws CheckpointException when there is no such tensor
   */
  @Override
  public void lend(String name, Consumer<StoredTensor> reader) {
    try (Arena loan = Arena.ofConfined()) {
      reader.accept(mapped(name, loan));
    }
  }

  private StoredTensor mapped(String name, Arena owner) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new CheckpointException(file, "has no tensor " + name + "; choose one of its entries");
    }
    try {
      return new StoredTensor(
          entry.type(),
          channel.map(
              FileChannel.MapMode.READ_ONLY,
              dataBegin + entry.begin(),
              entry.end() - entry.begin(),
              owner));
    } catch (IOException e) {
      throw new CheckpointException(file, "cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Returns a small tensor's elements in row-major order as singles, on the heap.
   *
   * @throws CheckpointException when there is no such tensor
   */
  public float[] read(String name) {
    try (Arena loan = Arena.ofConfined()) {
      return singles(mapped(name, loan));
    }
  }

  private static float[] singles(StoredTensor tensor) {
    MemorySegment bytes = tensor.bytes();
    float[] values = new float[Math.toIntExact(tensor.elements())];
    for (int i = 0; i < values.length; i++) {
      long at = (long) i * tensor.type().bytes();
      values[i] =
          switch (tensor.type()) {
            case F64 -> (float) bytes.get(DOUBLE, at);
            case F32 -> bytes.get(FLOAT, at);
            case F16 -> Float.float16ToFloat(bytes.get(SHORT, at));
            case BF16 -> Float.intBitsToFloat(bytes.get(SHORT, at) << Short.SIZE);
          };
    }
    return values;
  }

  /** Unmaps what {@link #tensor} gave and closes the file. */
  @Override
  public void close() {
    arena.close();
    close(file, channel);
  }

  private static void close(Path file, FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new CheckpointException(file, "cannot be closed (" + e.getMessage() + ")", e);
    }
  }
}
