package dev.tandem.benchmarks.kernels.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.kernels.cuda.CudaProbe;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program on the CUDA backend, under the emulated driver of the kernels' tests: host and device
 * arrays, aligned or not, in any order of threads.
 */
final class KernelsVerifyTest {
  private static final Path BUILD =
      Path.of("../kernels/src/test/cuda/build-emulated-driver.sh").toAbsolutePath();

  @TempDir static Path folder;
  private static Path library = Path.of("");

  @BeforeAll
  static void buildDriver() throws Exception {
    assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "the emulated driver is for Linux on x86-64");
    assumeTrue(
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "g++"))),
        "g++ is not on the PATH");
    library = folder.resolve("libemulated_cuda.so");
    execute(Map.of(), List.of("bash", BUILD.toString(), library.toString()));
  }

  @Test
  void everyOperationAgreesWithTheOracleWhateverTheOrderOfThreads() throws Exception {
    String ascending = verify("ascending", "1,7,16,207");
    assertThat(ascending).contains("\"failed\": 0").contains("\"checks\": 1360");
    assertThat(verify("descending", "1,7,16,207")).isEqualTo(ascending);
    assertThat(verify("shuffled", "1,7,16,207")).isEqualTo(ascending);
  }

  @Test
  void rowsLongerThanABlockOfThreadsAgreeWithTheOracle() throws Exception {
    assertThat(verify("descending", "4098")).contains("\"failed\": 0");
  }

  /** Runs the program in a JVM of its own and answers its JSON. */
  private static String verify(String order, String sizes) throws Exception {
    Path json = folder.resolve("verify-%s.json".formatted(order));
    String output =
        execute(
            Map.of("TANDEM_EMULATED_ORDER", order),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "-XX:+UseSerialGC",
                "-D%s=%s".formatted(CudaProbe.LIBRARY_PROPERTY, library),
                "-cp",
                System.getProperty("java.class.path"),
                KernelsVerify.class.getName(),
                "--provider",
                "cuda",
                "--quick",
                "--sizes",
                sizes,
                "--json",
                json.toString()));
    assertThat(output).contains("emulated device");
    return Files.readString(json);
  }

  private static String execute(Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
