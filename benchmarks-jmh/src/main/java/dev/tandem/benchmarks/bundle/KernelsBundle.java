package dev.tandem.benchmarks.bundle;

import dev.tandem.benchmarks.kernels.program.KernelsBench;
import dev.tandem.benchmarks.kernels.program.KernelsVerify;
import dev.tandem.benchmarks.kernels.verify.Verification;
import dev.tandem.kernels.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;

/**
 * The archive itself: a Java runtime, the kernels with their PTX, and two programs, so that a Linux
 * x86-64 machine with NVIDIA's driver and nothing else can verify and time the CUDA kernels. Equal
 * classes and an equal JDK give equal bytes.
 */
public final class KernelsBundle {
  private static final List<String> MODULES =
      List.of("java.base", "jdk.incubator.vector", "jdk.management");

  private static final String GUIDE =
      """
      Tandem's kernels for NVIDIA GPUs, with a Java of their own. Needs Linux on x86-64 and NVIDIA's
      driver (for CUDA 11.8 or newer on Hopper, 11.0 on Ampere); nothing is installed.

        bin/kernels-verify --json verify.json   every operation against a float64 oracle
        bin/kernels-bench --json bench.json     times, and the share of the copy bandwidth
        bin/kernels-bench --pytorch python3     as well: PyTorch's own operators for the same loss

      Without a driver both say so and use the CPU. Exit codes: 0 ok, 1 failed, 2 usage, 69 missing.
      """;

  private KernelsBundle() {}

  /**
   * Writes the archive, whole or not at all.
   *
   * @param file ends in {@code .tar.gz}
   * @param javaHome the JDK whose runtime is put in
   * @param step is told what begins, three times
   * @return its size in bytes
   * @throws BundleException if this machine is none that the bundle can be made on
   */
  public static long write(Path file, Path javaHome, Consumer<String> step)
      throws IOException, InterruptedException {
    Archive.requireLinux();
    Archive archive = new Archive("tandem-kernels");
    step.accept("Java runtime");
    archive.addRuntime(javaHome, MODULES);
    step.accept("kernels");
    archive.add("lib/kernels.jar", ClassArchive.of(Kernels.class));
    archive.add("lib/programs.jar", programs());
    archive.add("lib/slf4j-api.jar", ClassArchive.of(Logger.class));
    archive.addScript("bin/kernels-verify", script("kernels-verify", KernelsVerify.class));
    archive.addScript("bin/kernels-bench", script("kernels-bench", KernelsBench.class));
    archive.addText("README.txt", GUIDE);
    step.accept("archive");
    return archive.write(file);
  }

  /** Of this module the two programs and what they verify with, and none of its benchmarks. */
  private static byte[] programs() throws IOException {
    return ClassArchive.ofPackages(KernelsVerify.class, Verification.class);
  }

  private static String script(String name, Class<?> main) {
    return """
    #!/bin/sh
    # Starts %s with the Java beside it. TANDEM_JAVA_OPTS adds options, such as -Xmx8g.
    home=$(cd "$(dirname "$0")/.." && pwd -P) || exit 1
    # shellcheck disable=SC2086 # options are separated by blanks
    exec "$home/runtime/bin/java" --enable-native-access=ALL-UNNAMED \\
      --add-modules=jdk.incubator.vector -XX:+UseSerialGC -Xmx4g ${TANDEM_JAVA_OPTS:-} \\
      -cp "$home/lib/*" %s "$@"
    """
        .formatted(name, main.getName());
  }
}
