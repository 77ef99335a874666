package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BundleVerbTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path folder;

  @AfterEach
  void forgetTheProgram() {
    System.clearProperty(BenchmarksProgram.FOLDER_PROPERTY);
  }

  @Test
  void refusesANameThatIsNoArchive() {
    assertThat(run("bundle", "--to", folder.resolve("kernels.zip").toString())).isEqualTo(2);
    assertThat(errors()).contains("must name a file that ends in .tar.gz");
  }

  @Test
  void refusesAFolderThatDoesNotExist() {
    assertThat(run("bundle", "--to", folder.resolve("absent/kernels.tar.gz").toString()))
        .isEqualTo(2);
    assertThat(errors()).contains("name a file in a folder");
  }

  @Test
  void saysHowToBuildTheProgramsWhenTheyAreMissing() {
    assertThat(run("bundle", "--to", folder.resolve("kernels.tar.gz").toString())).isEqualTo(69);
    assertThat(errors())
        .isEqualTo(
            "tandem: the benchmarks are not built; run ./tandem bundle in a checkout, which builds"
                + " them\n");
  }

  @Test
  void answersTheSizeOfWhatTheProgramWrote() throws IOException {
    program(
        """
        System.out.println("step archive");
        java.nio.file.Files.write(java.nio.file.Path.of(arguments[0]), new byte[1234]);
        """);
    assertThat(run("bundle", "--json", "--to", folder.resolve("kernels.tar.gz").toString()))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("\"bytes\":1234");
  }

  @Test
  void theTrainersBundleIsMadeOfThisClassPath() throws IOException {
    program(
        """
        java.nio.file.Files.writeString(
            java.nio.file.Path.of(arguments[0]), arguments[1] + "|" + arguments[2]);
        """);
    Path archive = folder.resolve("trainer.tar.gz");
    assertThat(run("bundle", "--trainer", "--to", archive.toString())).isZero();
    assertThat(archive).hasContent(System.getProperty("java.class.path") + "|plain");
    assertThat(errors()).contains("tandem-trainer/bin/use-torch");
    assertThat(run("bundle", "--trainer", "--with-javascript", "--to", archive.toString()))
        .isZero();
    assertThat(archive).hasContent(System.getProperty("java.class.path") + "|javascript");
  }

  @Test
  void refusesJavaScriptForTheKernels() {
    assertThat(run("bundle", "--with-javascript", "--to", folder.resolve("k.tar.gz").toString()))
        .isEqualTo(2);
    assertThat(errors()).contains("add --trainer");
  }

  @Test
  void passesOnWhatTheProgramLacks() throws IOException {
    program(
        """
        System.out.println("step Java runtime");
        System.out.println("failed no jlink; set TANDEM_JAVA_HOME");
        System.exit(69);
        """);
    assertThat(run("bundle", "--to", folder.resolve("kernels.tar.gz").toString())).isEqualTo(69);
    assertThat(errors()).contains("tandem: no jlink; set TANDEM_JAVA_HOME\n");
  }

  @Test
  void aProgramThatEndsWithoutASentenceIsAFailure() throws IOException {
    program("System.exit(7);");
    assertThat(run("bundle", "--to", folder.resolve("kernels.tar.gz").toString())).isEqualTo(1);
    assertThat(errors()).contains("ended with status 7");
  }

  /** Puts a program in the place of the one that makes the bundle. */
  private void program(String body) throws IOException {
    Path source = Files.createDirectories(folder.resolve("source")).resolve("BundleProgram.java");
    Files.writeString(
        source,
        """
        package dev.tandem.benchmarks.bundle;

        public final class BundleProgram {
          public static void main(String[] arguments) throws Exception {
            %s
          }
        }
        """
            .formatted(body));
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, err, err, "-d", folder.resolve("classes").toString(), source.toString());
    assertThat(status).as(errors()).isZero();
    Files.writeString(folder.resolve("runtime-classpath"), "");
    System.setProperty(BenchmarksProgram.FOLDER_PROPERTY, folder.toString());
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
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
