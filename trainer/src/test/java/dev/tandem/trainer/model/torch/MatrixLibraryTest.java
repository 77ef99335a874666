package dev.tandem.trainer.model.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MatrixLibraryTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "amd64, AuthenticAMD, avx2 avx512f, ONE_DNN",
    "amd64, AuthenticAMD, avx2, ONE_DNN_AND_BLAS",
    "amd64, GenuineIntel, avx512f, DEVICE_DEFAULT",
    "amd64, '', '', ONE_DNN",
    "aarch64, '', asimd, DEVICE_DEFAULT"
  })
  void goesByTheChip(String architecture, String vendor, String flags, MatrixLibrary fastest) {
    CpuFacts cpu = new CpuFacts(vendor, flags.isEmpty() ? Set.of() : Set.of(flags.split(" ", -1)));
    assertThat(MatrixLibrary.fastest(Device.cpu(), architecture, cpu)).isEqualTo(fastest);
    assertThat(MatrixLibrary.fastest(Device.gpu(0), architecture, cpu))
        .isEqualTo(MatrixLibrary.DEVICE_DEFAULT);
  }

  @Test
  void isNamedInLowerCase() {
    assertThat(MatrixLibrary.named("one_dnn")).isEqualTo(MatrixLibrary.ONE_DNN);
    assertThatThrownBy(() -> MatrixLibrary.named("mkl"))
        .hasMessage(
            "TANDEM_MATRIX_LIBRARY=mkl is no matrix library; set it to one_dnn,"
                + " one_dnn_and_blas or device_default, or unset it");
  }

  @Test
  void readsWhatLinuxSaysOfTheFirstCore() throws IOException {
    assertThat(
            told("processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: sse avx2\n\nflags : x\n"))
        .isEqualTo(new CpuFacts("GenuineIntel", Set.of("sse", "avx2")));
    assertThat(told("processor\t: 0\nFeatures\t: fp asimd\n").flags())
        .containsExactlyInAnyOrder("fp", "asimd");
    assertThat(CpuFacts.of(folder.resolve("absent")).vendor()).isEmpty();
  }

  private CpuFacts told(String text) throws IOException {
    return CpuFacts.of(Files.writeString(folder.resolve("cpuinfo"), text));
  }
}
