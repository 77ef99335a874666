package dev.tandem.trainer.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.trainer.model.torch.CpuFacts;
import dev.tandem.trainer.model.torch.LossHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExaminationTest {
  private static final Machine.Gpu H200 = new Machine.Gpu("NVIDIA H200", 150_000_000_000L, 9, 0);
  private static final Machine.LibTorch CPU = new Machine.Loaded("2.7.1", "cpu", "/cache", 0);

  @TempDir private Path folder;

  private static Machine machine(
      String java,
      boolean vector,
      Machine.LibTorch libTorch,
      Optional<Machine.Driver> driver,
      long memory) {
    return new Machine(
        Runtime.Version.parse(java),
        vector,
        libTorch,
        driver,
        "amd64",
        new CpuFacts("AuthenticAMD", Set.of("avx2", "avx512f", "avx512_bf16", "sse")),
        vector
            ? new Machine.CpuKernels("vector-api float64x8", Optional.empty(), LossHead.KERNELS)
            : new Machine.CpuKernels(
                "scalar", Optional.of("Start Java with vectors."), LossHead.TORCH_SCRIPT),
        16,
        memory,
        5_000_000_000L,
        Map.of(Machine.Tool.MAVEN, Path.of("/usr/bin/mvn")));
  }

  private static Machine ordinary(Machine.LibTorch libTorch, Optional<Machine.Driver> driver) {
    return machine("25.0.3+9", true, libTorch, driver, 8_000_000_000L);
  }

  private static Finding finding(Machine machine, String name) {
    return Examination.of(machine).stream()
        .filter(finding -> finding.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static boolean ready(Machine machine) {
    return Examination.isReady(Examination.of(machine));
  }

  @Test
  void aMachineWithoutAGpuIsReadyAndSaysSoPlainly() {
    Machine machine = ordinary(CPU, Optional.empty());
    assertThat(ready(machine)).isTrue();
    assertThat(finding(machine, "CUDA driver").state()).isEqualTo(Finding.State.MISSING);
    assertThat(finding(machine, "CUDA driver").detail()).contains("trains on its CPU");
    assertThat(finding(machine, "GPU").remedy()).isEmpty();
    assertThat(finding(machine, "libtorch").detail()).isEqualTo("2.7.1 (cpu) in /cache");
    assertThat(finding(machine, "CPU").detail())
        .isEqualTo("16 cores, amd64: avx2, avx512f, avx512_bf16");
    assertThat(finding(machine, "Maven").detail()).isEqualTo("/usr/bin/mvn");
    assertThat(finding(machine, "Bubblewrap").remedy()).contains("install the package bubblewrap");
  }

  @Test
  void aCpuWithoutInstructionsForBfloat16SaysHowItIsMultiplied() {
    Machine has = ordinary(CPU, Optional.empty());
    Machine lacks =
        new Machine(
            has.javaVersion(),
            has.vectorModule(),
            has.libTorch(),
            has.driver(),
            has.architecture(),
            new CpuFacts("AuthenticAMD", Set.of("avx2", "sse")),
            has.kernels(),
            2,
            has.memoryBytes(),
            has.freeBytes(),
            has.tools());
    assertThat(finding(lacks, "CPU").detail())
        .isEqualTo("2 cores, amd64: avx2; bfloat16 is multiplied in 32 bits");
  }

  @Test
  void aGpuThatLibtorchDoesNotSeeComesWithBothRoutesToIt() {
    Machine machine = ordinary(CPU, Optional.of(new Machine.Driver(12_040, List.of(H200))));
    assertThat(ready(machine)).isTrue();
    assertThat(finding(machine, "CUDA driver").detail()).isEqualTo("for CUDA 12.4");
    Finding gpu = finding(machine, "GPU");
    assertThat(gpu.state()).isEqualTo(Finding.State.MISSING);
    assertThat(gpu.detail())
        .startsWith("NVIDIA H200, 150.0 GB, compute capability 9.0")
        .endsWith("sees none of it");
    assertThat(gpu.remedy()).contains("TANDEM_PROFILE=cuda", "PYTORCH_LIBRARY_PATH", "cu128");
  }

  @Test
  void aGpuThatLibtorchSeesIsFound() {
    Machine machine =
        ordinary(
            new Machine.Loaded("2.5.1", "cu124", "/cache", 1),
            Optional.of(new Machine.Driver(13_000, List.of(H200))));
    assertThat(finding(machine, "GPU").state()).isEqualTo(Finding.State.FOUND);
    assertThat(finding(machine, "GPU").remedy()).isEmpty();
  }

  @Test
  void anOldDriverIsTooOldButTheCpuIsStillThere() {
    Machine machine = ordinary(CPU, Optional.of(new Machine.Driver(11_080, List.of(H200))));
    assertThat(finding(machine, "CUDA driver").state()).isEqualTo(Finding.State.TOO_OLD);
    assertThat(finding(machine, "CUDA driver").detail()).isEqualTo("for CUDA 11.8");
    assertThat(ready(machine)).isTrue();
  }

  @Test
  void whatTrainingCannotDoWithoutIsNamed() {
    Machine machine =
        machine(
            "21.0.2",
            false,
            new Machine.NotLoaded("libc10.so: wrong ELF class"),
            Optional.empty(),
            1_000_000_000L);
    assertThat(ready(machine)).isFalse();
    assertThat(Examination.of(machine).stream().filter(Finding::blocks).map(Finding::name))
        .containsExactly("JDK", "Vector API", "libtorch", "memory");
    assertThat(finding(machine, "JDK").state()).isEqualTo(Finding.State.TOO_OLD);
    assertThat(finding(machine, "libtorch").detail()).isEqualTo("libc10.so: wrong ELF class");
  }

  @Test
  void anEarlyUpdateOfTheJdkIsReportedButRuns() {
    Machine machine = machine("25.0.1+8", true, CPU, Optional.empty(), 8_000_000_000L);
    assertThat(finding(machine, "JDK").state()).isEqualTo(Finding.State.TOO_OLD);
    assertThat(finding(machine, "JDK").remedy()).contains("25.0.3");
    assertThat(ready(machine)).isTrue();
  }

  @Test
  void saysWhichKernelsAreCalledAndWhyTheyAreSlow() {
    Machine fast = machine("25.0.3+9", true, CPU, Optional.empty(), 8_000_000_000L);
    assertThat(finding(fast, "Kernels").state()).isEqualTo(Finding.State.FOUND);
    assertThat(KernelUse.of(fast.kernels()))
        .contains(
            new KernelUse(
                "log-probabilities, entropies, their gradient",
                "CPU, float32 and bfloat16",
                "kernels, vector-api float64x8"),
            new KernelUse("log-probabilities, entropies, their gradient", "GPU", "libtorch"));
    Machine slow = machine("25.0.3+9", false, CPU, Optional.empty(), 8_000_000_000L);
    assertThat(finding(slow, "Kernels").detail()).isEqualTo("scalar: Start Java with vectors.");
    assertThat(KernelUse.of(slow.kernels()).getFirst().by()).isEqualTo("libtorch");
  }

  @Test
  void findsTheFirstExecutableOnTheSearchPath() throws IOException {
    Path first = Files.createDirectory(folder.resolve("first"));
    Path second = Files.createDirectory(folder.resolve("second"));
    for (Path place : List.of(first, second)) {
      assertThat(Files.createFile(place.resolve("mvn")).toFile().setExecutable(true)).isTrue();
    }
    Files.createFile(first.resolve("bwrap"));
    assertThat(Probe.tools(":" + first + ":" + second + ":" + folder.resolve("absent")))
        .containsExactly(Map.entry(Machine.Tool.MAVEN, first.resolve("mvn")));
  }
}
