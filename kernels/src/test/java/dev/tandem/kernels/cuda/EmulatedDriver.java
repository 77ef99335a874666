package dev.tandem.kernels.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The driver of {@code src/test/cuda}, which runs the kernels' own sources on the processor: it is
 * built with g++ and loaded in the place of {@code libcuda.so.1}.
 */
public final class EmulatedDriver {
  private EmulatedDriver() {}

  /** Puts the emulated driver in the place of NVIDIA's for this JVM, unless there is a GPU. */
  public static void standIn() {
    if (CudaCapabilities.of(CudaProbe.take()) instanceof CudaCapabilities.Refused) {
      System.setProperty(CudaProbe.LIBRARY_PROPERTY, library().toString());
    }
  }

  /** The driver, or skips the test where it cannot be built. */
  static Path library() {
    assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "the emulated driver is for Linux on x86-64");
    Tools.assume("g++");
    return Built.LIBRARY;
  }

  /** Built once a JVM, which holds it until it ends. */
  private static final class Built {
    private static final Path LIBRARY = build();

    private static Path build() {
      try {
        Path folder = Files.createTempDirectory("tandem-emulated-");
        Path library = folder.resolve("libemulated_cuda.so");
        Tools.run(
            Map.of(),
            List.of(
                "bash",
                Tools.folder("src/test/cuda/build-emulated-driver.sh").toString(),
                library.toString()));
        folder.toFile().deleteOnExit();
        library.toFile().deleteOnExit();
        return library;
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(interrupted);
      }
    }
  }
}
