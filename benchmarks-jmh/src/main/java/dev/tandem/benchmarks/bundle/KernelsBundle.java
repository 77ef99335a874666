package dev.tandem.benchmarks.bundle;

import dev.tandem.benchmarks.kernels.program.KernelsBench;
import dev.tandem.benchmarks.kernels.program.KernelsVerify;
import dev.tandem.benchmarks.kernels.verify.Verification;
import dev.tandem.kernels.Kernels;
import dev.tandem.trainer.io.AtomicFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.slf4j.Logger;

/**
 * The archive itself: a Java runtime, the kernels with their PTX, and two programs, so that a Linux
 * x86-64 machine with NVIDIA's driver and nothing else can verify and time the CUDA kernels. Equal
 * classes and an equal JDK give equal bytes.
 */
public final class KernelsBundle {
  private static final String ROOT = "tandem-kernels/";
  private static final int EXECUTABLE = 0755;
  private static final int PLAIN = 0644;

  private static final String GUIDE =
      """
      Tandem's kernels for NVIDIA GPUs, with a Java of their own. Needs Linux on x86-64 and NVIDIA's
      driver (for CUDA 11.8 or newer on Hopper, 11.0 on Ampere); nothing is installed.

        bin/kernels-verify --json verify.json   every operation against a float64 oracle
        bin/kernels-bench --json bench.json     times, and the share of the copy bandwidth
        bin/kernels-bench --pytorch python3     as well: PyTorch's own operators for the same loss

      Without a driver both say so and use the CPU. Exit codes: 0 ok, 1 failed, 2 usage, 69 missing.
      """;

  /** A file of the archive. */
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way into the archive
  private record Entry(byte[] content, int mode) {}

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
    requireLinux();
    Path work = Files.createTempDirectory("tandem-bundle-");
    try {
      step.accept("Java runtime");
      Path runtime = work.resolve("runtime");
      JavaRuntime.link(javaHome, runtime);
      step.accept("kernels");
      Map<String, Entry> entries = new TreeMap<>();
      addTree(entries, "runtime/", runtime);
      entries.put("lib/kernels.jar", new Entry(ClassArchive.of(Kernels.class), PLAIN));
      entries.put("lib/programs.jar", new Entry(programs(), PLAIN));
      entries.put("lib/slf4j-api.jar", new Entry(ClassArchive.of(Logger.class), PLAIN));
      entries.put("bin/kernels-verify", script("kernels-verify", KernelsVerify.class));
      entries.put("bin/kernels-bench", script("kernels-bench", KernelsBench.class));
      entries.put("README.txt", new Entry(GUIDE.getBytes(StandardCharsets.UTF_8), PLAIN));
      step.accept("archive");
      AtomicFiles.write(file, channel -> pack(entries, Channels.newOutputStream(channel)));
      return Files.size(file);
    } finally {
      remove(work);
    }
  }

  /** Of this module the two programs and what they verify with, and none of its benchmarks. */
  private static byte[] programs() throws IOException {
    return ClassArchive.ofPackages(KernelsVerify.class, Verification.class);
  }

  private static void requireLinux() {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!system.equals("Linux amd64")) {
      throw new BundleException(
          "the bundle carries this machine's Java and is for Linux amd64, this is %s: make it there"
              .formatted(system));
    }
  }

  private static Entry script(String name, Class<?> main) {
    String text =
        """
        #!/bin/sh
        # Starts %s with the Java beside it. TANDEM_JAVA_OPTS adds options, such as -Xmx8g.
        home=$(cd "$(dirname "$0")/.." && pwd -P) || exit 1
        # shellcheck disable=SC2086 # options are separated by blanks
        exec "$home/runtime/bin/java" --enable-native-access=ALL-UNNAMED \\
          --add-modules=jdk.incubator.vector -XX:+UseSerialGC -Xmx4g ${TANDEM_JAVA_OPTS:-} \\
          -cp "$home/lib/*" %s "$@"
        """
            .formatted(name, main.getName());
    return new Entry(text.getBytes(StandardCharsets.UTF_8), EXECUTABLE);
  }

  /** Links, which a runtime has among its licences, become copies. */
  private static void addTree(Map<String, Entry> entries, String prefix, Path folder)
      throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(folder)) {
      files = tree.filter(Files::isRegularFile).toList();
    }
    for (Path path : files) {
      entries.put(
          prefix + folder.relativize(path),
          new Entry(Files.readAllBytes(path), Files.isExecutable(path) ? EXECUTABLE : PLAIN));
    }
  }

  private static void pack(Map<String, Entry> entries, OutputStream out) throws IOException {
    // Closing would close the file that is still to be forced to the disk.
    GZIPOutputStream zipped = new GZIPOutputStream(out, 1 << 16);
    TarArchiveOutputStream tar = new TarArchiveOutputStream(zipped, "UTF-8");
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    for (var named : entries.entrySet()) {
      Entry entry = named.getValue();
      TarArchiveEntry header = new TarArchiveEntry(ROOT + named.getKey());
      header.setModTime(0);
      header.setMode(entry.mode());
      header.setSize(entry.content().length);
      tar.putArchiveEntry(header);
      tar.write(entry.content());
      tar.closeArchiveEntry();
    }
    tar.finish();
    zipped.finish();
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
