package dev.tandem.trainer.model.torch;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.djl.pytorch.jni.JniUtils;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/**
 * What NVIDIA's driver says is free on a GPU, asked in the context that libtorch works in: the
 * device's primary one.
 */
@SuppressWarnings("restricted") // calling native code is the purpose; the launcher allows it
final class CudaMemory {
  private static final String LIBRARY = "libcuda.so.1";

  private final SymbolLookup library;

  private CudaMemory(SymbolLookup library) {
    this.library = library;
  }

  /**
   * Bytes that are free, once libtorch has given back what it keeps for itself.
   *
   * @throws IllegalStateException if the driver does not answer
   */
  static long free(int index) {
    JniUtils.emptyCudaCache();
    try (Arena arena = Arena.ofConfined()) {
      return new CudaMemory(SymbolLookup.libraryLookup(LIBRARY, arena)).read(index, arena);
    }
  }

  private long read(int index, Arena arena) {
    MemorySegment device = arena.allocate(JAVA_INT);
    call("cuDeviceGet", new MemoryLayout[] {ADDRESS, JAVA_INT}, device, index);
    int handle = device.get(JAVA_INT, 0);
    MemorySegment context = arena.allocate(ADDRESS);
    call("cuDevicePrimaryCtxRetain", new MemoryLayout[] {ADDRESS, JAVA_INT}, context, handle);
    try {
      call("cuCtxPushCurrent_v2", new MemoryLayout[] {ADDRESS}, context.get(ADDRESS, 0));
      try {
        MemorySegment free = arena.allocate(JAVA_LONG);
        MemorySegment total = arena.allocate(JAVA_LONG);
        call("cuMemGetInfo_v2", new MemoryLayout[] {ADDRESS, ADDRESS}, free, total);
        return free.get(JAVA_LONG, 0);
      } finally {
        call("cuCtxPopCurrent_v2", new MemoryLayout[] {ADDRESS}, context);
      }
    } finally {
      call("cuDevicePrimaryCtxRelease_v2", new MemoryLayout[] {JAVA_INT}, handle);
    }
  }

  private void call(String name, MemoryLayout[] parameters, Object... arguments) {
    MemorySegment function =
        library
            .find(name)
            .orElseThrow(() -> new IllegalStateException(LIBRARY + " has no " + name));
    int status;
    try {
      status =
          (int)
              Linker.nativeLinker()
                  .downcallHandle(function, FunctionDescriptor.of(JAVA_INT, parameters))
                  .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException(name + " could not be called", e);
    }
    if (status != 0) {
      throw new IllegalStateException(
          "%s returned error %d; name the memory for keys and values with rollout.cache_gib"
              .formatted(name, status));
    }
  }
}
