package dev.tandem.benchmarks.decoder;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.SafetensorsWriter;
import dev.tandem.trainer.model.file.WeightFormat;
import dev.tandem.trainer.model.shape.Architecture;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.RotaryEmbedding;
import dev.tandem.trainer.model.torch.Execution;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How fast a checkpoint of Llama 3.2 1B's shape loads and is saved, and what that takes of the Java
 * heap: {@code CheckpointLoading FOLDER RESULT.json}. It writes 2.5 GB of random bfloat16 weights
 * to a subfolder of FOLDER, needs twice that there and 5 GB of native memory, and removes them
 * again.
 *
 * <p>Reading the same file into a buffer that is thrown away says what the disk or page cache can
 * do. Run it with a small heap, such as {@code -Xmx256m}: the model is never on it.
 */
public final class CheckpointLoading {
  private static final String WEIGHTS = "model.safetensors";
  private static final int BLOCK_BYTES = 1 << 23;

  private CheckpointLoading() {}

  /**
   * What was measured.
   *
   * @param bytes of the checkpoint's weights
   * @param readSeconds to read the file into a buffer
   * @param loadSeconds to have a decoder in single precision
   * @param loadCpuSeconds what all threads worked for it, the kernel's share included
   * @param saveSeconds to write it as bfloat16 again, on the disk when it ends
   * @param heapPeakBytes most heap in use at any time while loading and saving
   * @param heapMaxBytes the heap's limit
   * @param unchanged whether the file saved is the file loaded, byte for byte
   */
  public record Result(
      long parameters,
      long bytes,
      double readSeconds,
      double loadSeconds,
      double loadCpuSeconds,
      double saveSeconds,
      long heapPeakBytes,
      long heapMaxBytes,
      boolean unchanged) {}

  /** Runs the measurement. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      System.err.println("usage: CheckpointLoading FOLDER RESULT.json");
      System.exit(2);
    }
    Result result = measure(llama1b(), Path.of(arguments[0]));
    JsonMapper.builder()
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .build()
        .writerWithDefaultPrettyPrinter()
        .writeValue(Path.of(arguments[1]).toFile(), result);
    System.out.println(result);
  }

  private static ModelSpec llama1b() {
    return new ModelSpec(
        Architecture.LLAMA,
        /* vocabularySize= */ 128_256,
        /* hiddenSize= */ 2048,
        /* layers= */ 16,
        /* attentionHeads= */ 32,
        /* keyValueHeads= */ 8,
        /* headDimension= */ 64,
        /* mlpSize= */ 8192,
        /* maxPositions= */ 131_072,
        /* normEpsilon= */ 1e-5,
        /* tiedEmbeddings= */ true,
        new RotaryEmbedding(500_000, new RotaryEmbedding.Llama3(32, 1, 4, 8192)),
        /* initializerRange= */ 0.02);
  }

  static Result measure(ModelSpec spec, Path folder) throws IOException {
    Path work = Files.createTempDirectory(folder, "checkpoint-loading-");
    try {
      Path original = Files.createDirectory(work.resolve("original"));
      Path saved = work.resolve("saved");
      Files.writeString(original.resolve("config.json"), spec.toJson().toString());
      Path weights = original.resolve(WEIGHTS);
      writeRandom(weights, spec);
      double readSeconds = seconds(() -> read(weights));
      System.gc();
      heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
      long begun = System.nanoTime();
      double cpuBegun = cpuSeconds();
      double loadSeconds;
      double loadCpuSeconds;
      double saveSeconds;
      try (Decoder decoder = Decoder.load(original, Execution.cpu(1))) {
        loadSeconds = (System.nanoTime() - begun) / 1e9;
        loadCpuSeconds = cpuSeconds() - cpuBegun;
        WeightFormat format = new WeightFormat(ElementType.BF16, Long.MAX_VALUE);
        saveSeconds = seconds(() -> decoder.saveWeights(saved, format));
      }
      long peak = heapPools().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
      return new Result(
          spec.parameters(),
          Files.size(weights),
          readSeconds,
          loadSeconds,
          loadCpuSeconds,
          saveSeconds,
          peak,
          Runtime.getRuntime().maxMemory(),
          Files.mismatch(weights, saved.resolve(WEIGHTS)) < 0);
    } finally {
      remove(work);
    }
  }

  /** Work that may fail on a file. */
  private interface Work {
    void run() throws IOException;
  }

  private static double seconds(Work work) throws IOException {
    long begun = System.nanoTime();
    work.run();
    return (System.nanoTime() - begun) / 1e9;
  }

  private static void read(Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BLOCK_BYTES);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(buffer.clear()) >= 0) {
        // what is read is not looked at
      }
    }
  }

  /**
   * Small random numbers; every tensor takes them from one block, which is enough to tell bytes
   * apart.
   */
  static void writeRandom(Path file, ModelSpec spec) {
    SplittableRandom random = new SplittableRandom(1);
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (block.hasRemaining()) {
      int bits = random.nextInt();
      block.putShort((short) (0x3C00 | (bits & 0x81FF)));
    }
    Map<String, SafetensorsWriter.Tensor> tensors = new TreeMap<>();
    spec.tensorShapes()
        .forEach(
            (name, shape) -> {
              long bytes = shape.stream().reduce((long) Short.BYTES, Math::multiplyExact);
              tensors.put(
                  name,
                  new SafetensorsWriter.Tensor(
                      ElementType.BF16, shape, sink -> repeat(block, bytes, sink)));
            });
    SafetensorsWriter.write(file, tensors, Map.of("format", "pt"));
  }

  private static void repeat(ByteBuffer block, long bytes, SafetensorsWriter.Sink sink)
      throws IOException {
    for (long left = bytes; left > 0; left -= BLOCK_BYTES) {
      sink.accept(block.duplicate().clear().limit((int) Math.min(left, BLOCK_BYTES)));
    }
  }

  private static double cpuSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
  }

  private static Stream<MemoryPoolMXBean> heapPools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP);
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
