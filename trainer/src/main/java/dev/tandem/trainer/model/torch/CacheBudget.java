package dev.tandem.trainer.model.torch;

import ai.djl.Device;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory the keys and values of running batches may take where nobody says.
 *
 * <p>On a CPU a quarter of the machine's memory, or half of what is available if that is less,
 * rounded down to a power of two: the size of a batch, and with it the last digits of
 * log-probabilities, then does not hang on what else was running. On a GPU four fifths of what the
 * driver says is free; the rest is for a step's activations.
 */
public final class CacheBudget {

  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Pattern AVAILABLE =
      Pattern.compile("^MemAvailable:\\s+(\\d+) kB$", Pattern.MULTILINE);
  private static final long LEAST = 256L << 20;
  private static final long MOST = 64L << 30;

  private CacheBudget() {}

  /** Bytes on a device, as it is now. */
  public static long of(Device device) {
    return device.isGpu()
        ? onGpu(CudaMemory.free(device.getDeviceId()))
        : onCpu(total(), available());
  }

  /**
   * @param total bytes of the machine, or of the container
   * @param available bytes that could be had without swapping
   */
  static long onCpu(long total, long available) {
    long share = Math.min(total / 4, available / 2);
    return Math.clamp(Long.highestOneBit(Math.max(1, share)), LEAST, MOST);
  }

  static long onGpu(long free) {
    return Math.max(LEAST, free / 5 * 4);
  }

  private static OperatingSystemMXBean system() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  }

  private static long total() {
    return system().getTotalMemorySize();
  }

  /** What the kernel says; what is free altogether where it does not. */
  private static long available() {
    try {
      Matcher said = AVAILABLE.matcher(Files.readString(MEMORY));
      return said.find() ? Long.parseLong(said.group(1)) << 10 : system().getFreeMemorySize();
    } catch (IOException absent) {
      return system().getFreeMemorySize();
    }
  }
}
