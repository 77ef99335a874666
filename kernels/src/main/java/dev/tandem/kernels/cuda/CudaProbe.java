package dev.tandem.kernels.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What this machine answers when asked about CUDA. Taking it is the only impure part of detection;
 * {@link CudaCapabilities#of} judges it.
 *
 * @param library the driver library that was looked for
 * @param problem why it could not be asked, in the loader's or the driver's words; empty when it
 *     could
 * @param driverVersion the CUDA version the driver serves, {@code 1000 * major + 10 * minor}; 0
 *     when unknown
 * @param devices the devices, by ordinal
 */
public record CudaProbe(
    String library, String problem, int driverVersion, List<CudaDevice> devices) {
  /** Names another driver library than {@code libcuda.so.1}, by file name or path. */
  public static final String LIBRARY_PROPERTY = "tandem.cuda.library";

  private static final int MULTIPROCESSOR_COUNT = 16;
  private static final int COMPUTE_CAPABILITY_MAJOR = 75;
  private static final int COMPUTE_CAPABILITY_MINOR = 76;
  private static final int NAME_BYTES = 256;

  /** Copies the list. */
  public CudaProbe {
    devices = List.copyOf(devices);
  }

  /** Asks the driver of this machine. */
  public static CudaProbe take() {
    return take(libraryName());
  }

  static String libraryName() {
    return System.getProperty(LIBRARY_PROPERTY, "libcuda.so.1");
  }

  static CudaProbe take(String library) {
    int version = 0;
    try {
      CudaDriver driver = new CudaDriver(library);
      version = readInt(driver.driverGetVersion);
      driver.init.call(0);
      List<CudaDevice> devices = new ArrayList<>();
      int count = readInt(driver.deviceGetCount);
      for (int ordinal = 0; ordinal < count; ordinal++) {
        devices.add(device(driver, ordinal));
      }
      return new CudaProbe(library, "", version, devices);
    } catch (IllegalArgumentException | CudaException absent) {
      return new CudaProbe(library, String.valueOf(absent.getMessage()), version, List.of());
    }
  }

  private static int readInt(DriverFunction function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_INT);
      function.call(value.address());
      return value.get(JAVA_INT, 0);
    }
  }

  private static CudaDevice device(CudaDriver driver, int ordinal) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(JAVA_INT);
      driver.deviceGet.call(number.address(), ordinal);
      int device = number.get(JAVA_INT, 0);
      MemorySegment name = arena.allocate(JAVA_BYTE, NAME_BYTES);
      driver.deviceGetName.call(name.address(), NAME_BYTES, device);
      MemorySegment bytes = arena.allocate(JAVA_LONG);
      driver.deviceTotalMem.call(bytes.address(), device);
      return new CudaDevice(
          ordinal,
          name.getString(0),
          bytes.get(JAVA_LONG, 0),
          attribute(driver, device, COMPUTE_CAPABILITY_MAJOR, number),
          attribute(driver, device, COMPUTE_CAPABILITY_MINOR, number),
          attribute(driver, device, MULTIPROCESSOR_COUNT, number));
    }
  }

  private static int attribute(
      CudaDriver driver, int device, int attribute, MemorySegment scratch) {
    driver.deviceGetAttribute.call(scratch.address(), attribute, device);
    return scratch.get(JAVA_INT, 0);
  }
}
