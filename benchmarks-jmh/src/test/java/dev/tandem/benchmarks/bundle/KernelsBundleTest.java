package dev.tandem.benchmarks.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KernelsBundleTest {
  private static final long MOST_BYTES = 60_000_000;

  @TempDir private Path folder;

  @BeforeEach
  void assumeLinux() {
    assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "the bundle is made on Linux x86-64 only");
  }

  @Test
  void saysWhatIsMissingOnAJavaWithoutJlink() {
    assertThatThrownBy(
            () -> KernelsBundle.write(folder.resolve("kernels.tar.gz"), folder, step -> {}))
        .isInstanceOf(BundleException.class)
        .hasMessageContaining("has no bin/jlink")
        .hasMessageContaining("TANDEM_JAVA_HOME");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void theUnpackedProgramsRunWithNothingElse() throws Exception {
    Path archive = folder.resolve("kernels.tar.gz");
    List<String> steps = new ArrayList<>();
    long bytes = KernelsBundle.write(archive, Path.of(System.getProperty("java.home")), steps::add);
    assertThat(steps).containsExactly("Java runtime", "kernels", "archive");
    assertThat(bytes).isEqualTo(Files.size(archive)).isLessThan(MOST_BYTES);

    execute("tar", "xzf", archive.toString(), "-C", folder.toString());
    String verified =
        execute(
            folder.resolve("tandem-kernels/bin/kernels-verify").toString(),
            "--provider",
            "vector",
            "--quick",
            "--sizes",
            "7,207");
    assertThat(verified).contains("provider: vector").contains("checks passed");
    assertThat(execute(folder.resolve("tandem-kernels/bin/kernels-bench").toString(), "--help"))
        .contains("--pytorch");
    try (ZipFile programs =
        new ZipFile(folder.resolve("tandem-kernels/lib/programs.jar").toFile())) {
      assertThat(programs.stream().map(ZipEntry::getName))
          .contains("dev/tandem/benchmarks/kernels/program/compare_torch.py")
          .allMatch(name -> name.matches("dev/tandem/benchmarks/kernels/(program|verify)/[^/]+"));
    }
  }

  /** Runs a program without any environment, as on a bare machine. */
  private static String execute(String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().retainAll(Set.of("PATH"));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
