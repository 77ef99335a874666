package dev.tandem.kernels.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/**
 * The functions of {@code libcuda.so.1} that we call. The library belongs to the display driver, so
 * a machine needs nothing else; it stays loaded for the life of the process.
 *
 * <p>Symbols carry the suffix {@code _v2} where the driver's header redirects the plain name to it:
 * the plain one is the 32-bit signature of CUDA 3. {@code cuEventElapsedTime} is bound without: its
 * {@code _v2} exists from CUDA 12.8 on only.
 */
final class CudaDriver {
  private static final int SUCCESS = 0;

  final DriverFunction init;
  final DriverFunction driverGetVersion;
  final DriverFunction deviceGetCount;
  final DriverFunction deviceGet;
  final DriverFunction deviceGetName;
  final DriverFunction deviceTotalMem;
  final DriverFunction deviceGetAttribute;
  final DriverFunction devicePrimaryCtxRetain;
  final DriverFunction devicePrimaryCtxRelease;
  final DriverFunction ctxSetCurrent;
  final DriverFunction ctxSynchronize;
  final DriverFunction streamCreate;
  final DriverFunction streamDestroy;
  final DriverFunction streamSynchronize;
  final DriverFunction eventCreate;
  final DriverFunction eventDestroy;
  final DriverFunction eventRecord;
  final DriverFunction eventSynchronize;
  final DriverFunction eventElapsedTime;
  final DriverFunction moduleLoadDataEx;
  final DriverFunction moduleUnload;
  final DriverFunction moduleGetFunction;
  final DriverFunction memAlloc;
  final DriverFunction memFree;
  final DriverFunction memGetInfo;
  final DriverFunction memcpyHtoDAsync;
  final DriverFunction memcpyDtoHAsync;
  final DriverFunction memcpyDtoDAsync;
  final DriverFunction memsetD8Async;
  final DriverFunction launchKernel;
  private final DriverFunction getErrorName;
  private final DriverFunction getErrorString;

  /**
   * Loads the driver.
   *
   * @param library a file name for the system's loader, or a path
   * @throws IllegalArgumentException if there is no such library or it lacks a function
   */
  @SuppressWarnings("restricted") // the driver is trusted as much as the JVM is
  CudaDriver(String library) {
    SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
    // These two explain the failures of the others; their own are not explained.
    getErrorName =
        new DriverFunction(symbols, (code, call) -> {}, "cuGetErrorName", JAVA_INT, JAVA_LONG);
    getErrorString =
        new DriverFunction(symbols, (code, call) -> {}, "cuGetErrorString", JAVA_INT, JAVA_LONG);
    init = bind(symbols, "cuInit", JAVA_INT);
    driverGetVersion = bind(symbols, "cuDriverGetVersion", JAVA_LONG);
    deviceGetCount = bind(symbols, "cuDeviceGetCount", JAVA_LONG);
    deviceGet = bind(symbols, "cuDeviceGet", JAVA_LONG, JAVA_INT);
    deviceGetName = bind(symbols, "cuDeviceGetName", JAVA_LONG, JAVA_INT, JAVA_INT);
    deviceTotalMem = bind(symbols, "cuDeviceTotalMem_v2", JAVA_LONG, JAVA_INT);
    deviceGetAttribute = bind(symbols, "cuDeviceGetAttribute", JAVA_LONG, JAVA_INT, JAVA_INT);
    devicePrimaryCtxRetain = bind(symbols, "cuDevicePrimaryCtxRetain", JAVA_LONG, JAVA_INT);
    devicePrimaryCtxRelease = bind(symbols, "cuDevicePrimaryCtxRelease_v2", JAVA_INT);
    ctxSetCurrent = bind(symbols, "cuCtxSetCurrent", JAVA_LONG);
    ctxSynchronize = bind(symbols, "cuCtxSynchronize");
    streamCreate = bind(symbols, "cuStreamCreate", JAVA_LONG, JAVA_INT);
    streamDestroy = bind(symbols, "cuStreamDestroy_v2", JAVA_LONG);
    streamSynchronize = bind(symbols, "cuStreamSynchronize", JAVA_LONG);
    eventCreate = bind(symbols, "cuEventCreate", JAVA_LONG, JAVA_INT);
    eventDestroy = bind(symbols, "cuEventDestroy_v2", JAVA_LONG);
    eventRecord = bind(symbols, "cuEventRecord", JAVA_LONG, JAVA_LONG);
    eventSynchronize = bind(symbols, "cuEventSynchronize", JAVA_LONG);
    eventElapsedTime = bind(symbols, "cuEventElapsedTime", JAVA_LONG, JAVA_LONG, JAVA_LONG);
    moduleLoadDataEx =
        bind(symbols, "cuModuleLoadDataEx", JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    moduleUnload = bind(symbols, "cuModuleUnload", JAVA_LONG);
    moduleGetFunction = bind(symbols, "cuModuleGetFunction", JAVA_LONG, JAVA_LONG, JAVA_LONG);
    memAlloc = bind(symbols, "cuMemAlloc_v2", JAVA_LONG, JAVA_LONG);
    memFree = bind(symbols, "cuMemFree_v2", JAVA_LONG);
    memGetInfo = bind(symbols, "cuMemGetInfo_v2", JAVA_LONG, JAVA_LONG);
    memcpyHtoDAsync =
        bind(symbols, "cuMemcpyHtoDAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    memcpyDtoHAsync =
        bind(symbols, "cuMemcpyDtoHAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    memcpyDtoDAsync =
        bind(symbols, "cuMemcpyDtoDAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    memsetD8Async = bind(symbols, "cuMemsetD8Async", JAVA_LONG, JAVA_BYTE, JAVA_LONG, JAVA_LONG);
    launchKernel =
        bind(
            symbols,
            "cuLaunchKernel",
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);
  }

  private DriverFunction bind(SymbolLookup symbols, String symbol, MemoryLayout... parameters) {
    return new DriverFunction(symbols, this::check, symbol, parameters);
  }

  /**
   * Does nothing for success.
   *
   * @param call the function's name, such as {@code cuLaunchKernel}
   * @throws CudaException with the call, the error's name and the driver's description
   */
  void check(int code, String call) {
    if (code != SUCCESS) {
      throw new CudaException(
          "%s failed with %s: %s"
              .formatted(
                  call, text(getErrorName, code, "error " + code), text(getErrorString, code, "?")),
          code);
    }
  }

  /** Asks the driver for a static C string about a result code. */
  @SuppressWarnings("restricted") // a C string without a known end
  private static String text(DriverFunction function, int code, String unknown) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointer = arena.allocate(JAVA_LONG);
      function.call(code, pointer.address());
      long address = pointer.get(JAVA_LONG, 0);
      return address == 0
          ? unknown
          : MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
    }
  }
}
