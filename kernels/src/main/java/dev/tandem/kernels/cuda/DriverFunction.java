package dev.tandem.kernels.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * One function of the driver, whose every call is checked. The overloads of {@code call} are the
 * shapes that the driver's signatures have.
 *
 * <p>Pointers and handles travel as {@code long}: they go through the same registers as C pointers
 * on every 64-bit platform CUDA supports, and a call then allocates nothing on the Java heap.
 * Whoever passes the address of a segment keeps the segment reachable until the call returns.
 */
final class DriverFunction {
  /** Turns a result code into an exception that names the call. */
  @FunctionalInterface
  interface ResultCheck {
    void check(int code, String call);
  }

  private final String name;
  private final MethodHandle handle;
  private final ResultCheck check;

  /**
   * Binds a function that returns a {@code CUresult}.
   *
   * @param symbol the exported name, version suffix included
   * @throws IllegalArgumentException if the library does not export it
   */
  @SuppressWarnings("restricted") // the signatures are those of the driver's header
  DriverFunction(
      SymbolLookup library, ResultCheck check, String symbol, MemoryLayout... parameters) {
    this.name = symbol.endsWith("_v2") ? symbol.substring(0, symbol.length() - 3) : symbol;
    this.handle =
        Linker.nativeLinker()
            .downcallHandle(
                library
                    .find(symbol)
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "the CUDA driver does not export " + symbol)),
                FunctionDescriptor.of(JAVA_INT, parameters));
    this.check = check;
  }

  void call() {
    try {
      check.check((int) handle.invokeExact(), name);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(int a) {
    try {
      check.check((int) handle.invokeExact(a), name);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(int a, long b) {
    try {
      check.check((int) handle.invokeExact(a, b), name);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(long a) {
    try {
      check.check((int) handle.invokeExact(a), name);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(long a, int b) {
    try {
      check.check((int) handle.invokeExact(a, b), name);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(long a, long b) {
    try {
      check.check((int) handle.invokeExact(a, b), name);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(long a, int b, int c) {
    try {
      check.check((int) handle.invokeExact(a, b, c), name);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(long a, long b, long c) {
    try {
      check.check((int) handle.invokeExact(a, b, c), name);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(long a, long b, long c, long d) {
    try {
      check.check((int) handle.invokeExact(a, b, c, d), name);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(long a, byte b, long c, long d) {
    try {
      check.check((int) handle.invokeExact(a, b, c, d), name);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(long a, long b, int c, long d, long e) {
    try {
      check.check((int) handle.invokeExact(a, b, c, d, e), name);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  /**
   * The shape of {@code cuLaunchKernel} for a grid of rows and columns of one-dimensional blocks.
   */
  void launch(long function, int gridX, int gridY, int threads, long stream, long parameters) {
    try {
      check.check(
          (int)
              handle.invokeExact(
                  function, gridX, gridY, 1, threads, 1, 1, 0, stream, parameters, 0L),
          name);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  /** A downcall itself throws nothing; what arrives here is the check's exception or an error. */
  private RuntimeException rethrown(Throwable thrown) {
    return switch (thrown) {
      case RuntimeException failure -> failure;
      case Error error -> throw error;
      default -> new IllegalStateException(name + " threw", thrown);
    };
  }
}
