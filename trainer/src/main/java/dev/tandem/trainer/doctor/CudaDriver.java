package dev.tandem.trainer.doctor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks NVIDIA's driver what there is, through its C interface. Starts no context on any GPU. */
@SuppressWarnings("restricted") // calling native code is the purpose; the launcher allows it
final class CudaDriver {
  private static final String LIBRARY = "libcuda.so.1";
  private static final int COMPUTE_CAPABILITY_MAJOR = 75;
  private static final int COMPUTE_CAPABILITY_MINOR = 76;
  private static final int LONGEST_NAME = 256;

  private final SymbolLookup library;
  private final Arena arena;

  private CudaDriver(SymbolLookup library, Arena arena) {
    this.library = library;
    this.arena = arena;
  }

  /** Returns nothing where there is no driver, or one that does not start. */
  static Optional<Machine.Driver> probe() {
    try (Arena arena = Arena.ofConfined()) {
      CudaDriver driver = new CudaDriver(SymbolLookup.libraryLookup(LIBRARY, arena), arena);
      return Optional.of(driver.read());
    } catch (IllegalArgumentException | IllegalStateException absent) {
      return Optional.empty();
    }
  }

  private Machine.Driver read() {
    call("cuInit", FunctionDescriptor.of(JAVA_INT, JAVA_INT), 0);
    MemorySegment number = arena.allocate(JAVA_INT);
    FunctionDescriptor reading = FunctionDescriptor.of(JAVA_INT, ADDRESS);
    call("cuDriverGetVersion", reading, number);
    int version = number.get(JAVA_INT, 0);
    call("cuDeviceGetCount", reading, number);
    List<Machine.Gpu> gpus = new ArrayList<>();
    int count = number.get(JAVA_INT, 0);
    for (int i = 0; i < count; i++) {
      call("cuDeviceGet", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), number, i);
      gpus.add(gpu(number.get(JAVA_INT, 0)));
    }
    return new Machine.Driver(version, gpus);
  }

  private Machine.Gpu gpu(int device) {
    MemorySegment name = arena.allocate(LONGEST_NAME);
    call(
        "cuDeviceGetName",
        FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
        name,
        LONGEST_NAME,
        device);
    MemorySegment bytes = arena.allocate(JAVA_LONG);
    call("cuDeviceTotalMem_v2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), bytes, device);
    return new Machine.Gpu(
        name.getString(0),
        bytes.get(JAVA_LONG, 0),
        attribute(COMPUTE_CAPABILITY_MAJOR, device),
        attribute(COMPUTE_CAPABILITY_MINOR, device));
  }

  private int attribute(int attribute, int device) {
    MemorySegment value = arena.allocate(JAVA_INT);
    MemoryLayout[] parameters = {ADDRESS, JAVA_INT, JAVA_INT};
    call(
        "cuDeviceGetAttribute",
        FunctionDescriptor.of(JAVA_INT, parameters),
        value,
        attribute,
        device);
    return value.get(JAVA_INT, 0);
  }

  /**
   * @throws IllegalStateException if the driver answers with an error
   */
  private void call(String name, FunctionDescriptor descriptor, Object... arguments) {
    MemorySegment function =
        library
            .find(name)
            .orElseThrow(() -> new IllegalStateException(LIBRARY + " has no " + name));
    int status;
    try {
      status =
          (int)
              Linker.nativeLinker()
                  .downcallHandle(function, descriptor)
                  .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException(name + " could not be called", e);
    }
    if (status != 0) {
      throw new IllegalStateException("%s returned error %d".formatted(name, status));
    }
  }
}
