package dev.tandem.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.kernels.program.KernelsVerify;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What can be known of the CUDA backend without a GPU; see {@code emulated_cuda.h} for what not.
 */
class EmulatedKernelsTest {
  @TempDir static Path folder;
  private static Path library = Path.of("");

  @BeforeAll
  static void buildDriver() throws Exception {
    library = EmulatedDriver.build(folder);
  }

  /** Runs the verification program in a JVM of its own and answers its JSON. */
  private static String verify(String order, String sizes) throws Exception {
    Path json = folder.resolve("verify-%s.json".formatted(order));
    String output =
        Tools.run(
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

  @Test
  void aRefusedModuleCarriesTheCompilersWords() {
    CudaDriver driver = new CudaDriver(library.toString());
    assertThatThrownBy(() -> new CudaModule(driver, "no PTX at all", "nonsense.ptx"))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("nonsense.ptx")
        .hasMessageContaining("cuModuleLoadDataEx failed with CUDA_ERROR_INVALID_IMAGE")
        .hasMessageContaining("no .version directive");
  }

  @Test
  void aFailedCallNamesItselfAndTheDriversReason() {
    CudaDriver driver = new CudaDriver(library.toString());
    assertThatThrownBy(() -> driver.memFree.call(42L))
        .isInstanceOf(CudaException.class)
        .hasMessage("cuMemFree failed with CUDA_ERROR_INVALID_VALUE: invalid argument");
  }
}
