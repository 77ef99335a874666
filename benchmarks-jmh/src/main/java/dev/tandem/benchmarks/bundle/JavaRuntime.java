package dev.tandem.benchmarks.bundle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A Java runtime with no more than a bundle needs, made by {@code jlink}. */
final class JavaRuntime {
  private JavaRuntime() {}

  /**
   * Makes the runtime.
   *
   * @param javaHome the JDK to take it from
   * @param modules what it must have, and what those need
   * @param target a folder that does not exist yet
   * @throws BundleException if the JDK has no {@code jlink} or it fails
   */
  static void link(Path javaHome, List<String> modules, Path target)
      throws IOException, InterruptedException {
    Path jlink = javaHome.resolve("bin").resolve("jlink");
    if (!Files.isExecutable(jlink)) {
      throw new BundleException(
          "%s has no bin/jlink, which makes the bundle's Java runtime; set TANDEM_JAVA_HOME to a full JDK"
              .formatted(javaHome));
    }
    Process process =
        new ProcessBuilder(
                jlink.toString(),
                "--add-modules",
                String.join(",", modules),
                "--strip-java-debug-attributes",
                "--no-header-files",
                "--no-man-pages",
                "--compress",
                "zip-9",
                "--output",
                target.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new BundleException(
          "jlink could not make the bundle's Java runtime; set TANDEM_JAVA_HOME to a JDK with its modules (it said: %s)"
              .formatted(output.strip().replaceAll("\\s+", " ")));
    }
  }
}
