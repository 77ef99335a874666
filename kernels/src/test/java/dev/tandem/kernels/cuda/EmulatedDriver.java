package dev.tandem.kernels.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The driver of {@code src/test/cuda}, which runs the kernels' own sources on the processor: it is
 * built with g++ and loaded in the place of {@code libcuda.so.1}.
 */
final class EmulatedDriver {
  private EmulatedDriver() {}

  /** Builds the driver, or skips the test where that cannot be done. */
  static Path build(Path folder) throws IOException, InterruptedException {
    assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "the emulated driver is for Linux on x86-64");
    Tools.assume("g++");
    Path library = folder.resolve("libemulated_cuda.so");
    Tools.run(
        Map.of(),
        List.of(
            "g++",
            "-std=c++17",
            "-O2",
            // Rows are read as packs of 16 bytes, whatever their type.
            "-fno-strict-aliasing",
            "-ffp-contract=off",
            "-fPIC",
            "-shared",
            Tools.folder("src/test/cuda/emulated_driver.cpp").toString(),
            "-o",
            library.toString()));
    return library;
  }
}
