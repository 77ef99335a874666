package dev.tandem.kernels.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tandem.kernels.operation.ArrayElement;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The kernels, compiled by the driver for one device from the PTX beside this class. */
final class CudaModule implements AutoCloseable {
  private static final int JIT_ERROR_LOG_BUFFER = 5;
  private static final int JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6;
  private static final int LOG_BYTES = 8192;

  private final CudaDriver driver;
  private final long handle;
  private final Map<String, Long> functions = new HashMap<>();
  private final Map<String, Map<ArrayElement, Long>> functionsByType = new HashMap<>();

  /** Loads into the calling thread's context. */
  CudaModule(CudaDriver driver, PtxTarget target) {
    this(driver, text(target), target.resource());
  }

  CudaModule(CudaDriver driver, String ptx, String origin) {
    this.driver = driver;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment log = arena.allocate(JAVA_BYTE, LOG_BYTES);
      MemorySegment options = arena.allocate(JAVA_INT, 2);
      options.setAtIndex(JAVA_INT, 0, JIT_ERROR_LOG_BUFFER);
      options.setAtIndex(JAVA_INT, 1, JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
      MemorySegment values = arena.allocate(JAVA_LONG, 2);
      values.setAtIndex(JAVA_LONG, 0, log.address());
      values.setAtIndex(JAVA_LONG, 1, LOG_BYTES);
      MemorySegment image = arena.allocateFrom(ptx);
      MemorySegment module = arena.allocate(JAVA_LONG);
      try {
        driver.moduleLoadDataEx.call(
            module.address(), image.address(), 2, options.address(), values.address());
      } catch (CudaException refused) {
        throw new CudaException(
            "the driver did not take %s: %s; it said: %s"
                .formatted(origin, refused.getMessage(), log.getString(0).strip()),
            refused.code());
      }
      handle = module.get(JAVA_LONG, 0);
    }
  }

  static String text(PtxTarget target) {
    try (InputStream stream = CudaModule.class.getResourceAsStream(target.resource())) {
      if (stream == null) {
        throw new IllegalStateException(
            target.resource() + " is missing beside the classes; build the kernels module again");
      }
      return new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** The handle of a kernel that exists once. */
  long function(String name) {
    Long known = functions.get(name);
    if (known == null) {
      known = look(name);
      functions.put(name, known);
    }
    return known;
  }

  /** The handle of a kernel that exists per element type, such as {@code policy_loss} for F32. */
  long function(String name, ArrayElement type) {
    Map<ArrayElement, Long> byType = functionsByType.get(name);
    Long known = byType == null ? null : byType.get(type);
    if (known == null) {
      known = look(name + "_" + type.name().toLowerCase(Locale.ROOT));
      functionsByType.computeIfAbsent(name, absent -> new HashMap<>()).put(type, known);
    }
    return known;
  }

  private long look(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment function = arena.allocate(JAVA_LONG);
      driver.moduleGetFunction.call(function.address(), handle, arena.allocateFrom(name).address());
      return function.get(JAVA_LONG, 0);
    } catch (CudaException refused) {
      throw new CudaException(
          "kernel %s: %s".formatted(name, refused.getMessage()), refused.code());
    }
  }

  @Override
  public void close() {
    driver.moduleUnload.call(handle);
  }
}
