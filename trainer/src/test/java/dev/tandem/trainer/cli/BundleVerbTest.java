package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.trainer.bundle.BundleException;
import dev.tandem.trainer.bundle.KernelsBundle;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BundleVerbTest {
  private static final long MOST_BYTES = 60_000_000;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path folder;

  @Test
  void refusesANameThatIsNoArchive() {
    assertThat(run("bundle", "--to", folder.resolve("kernels.zip").toString())).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("must name a file that ends in .tar.gz");
  }

  @Test
  void refusesAFolderThatDoesNotExist() {
    assertThat(run("bundle", "--to", folder.resolve("absent/kernels.tar.gz").toString()))
        .isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("name a file in a folder");
  }

  @Test
  void saysWhatIsMissingOnAJavaWithoutJlink() {
    assumeLinux();
    assertThatThrownBy(
            () -> KernelsBundle.write(folder.resolve("kernels.tar.gz"), folder, step -> {}))
        .isInstanceOf(BundleException.class)
        .hasMessageContaining("has no bin/jlink")
        .hasMessageContaining("TANDEM_JAVA_HOME");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void theUnpackedProgramsRunWithNothingElse() throws Exception {
    assumeLinux();
    Path archive = folder.resolve("kernels.tar.gz");
    assertThat(run("bundle", "--to", archive.toString(), "--json")).isZero();
    assertThat(Files.size(archive)).isLessThan(MOST_BYTES);

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
  }

  private static void assumeLinux() {
    assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "the bundle is made on Linux x86-64 only");
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

  private int run(String... arguments) {
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    return Tandem.run(console, new Failures(console, folder), arguments);
  }
}
