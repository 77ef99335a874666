package dev.tandem.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BackendChoiceTest {
  private static final VirtualMachine FAST =
      new VirtualMachine("OpenJDK 64-Bit Server VM", true, "mixed mode, sharing", 4, false);

  private static Optional<String> refusal(
      boolean hotSpot, String information, int lastTier, boolean jvmci) {
    return new VirtualMachine("Some VM", hotSpot, information, lastTier, jvmci).refusal();
  }

  @Test
  void vectorApiAsksForCompilerC2() {
    assertThat(FAST.refusal()).isEmpty();
    assertThat(refusal(true, "mixed mode, sharing", 3, false).orElseThrow())
        .contains("the compiler C2")
        .contains("mixed mode, sharing, up to tier 3")
        .contains("start Java without -XX:TieredStopAtLevel");
    assertThat(refusal(true, "mixed mode, emulated-client", 4, false)).isPresent();
    assertThat(refusal(true, "interpreted mode", 4, false)).isPresent();
    assertThat(refusal(true, "mixed mode, sharing", 4, true).orElseThrow())
        .contains("-XX:-EnableJVMCI");
    assertThat(refusal(false, "mixed mode", 4, false).orElseThrow())
        .contains("this is Some VM")
        .contains("run a JDK of OpenJDK");
    VirtualMachine slow = new VirtualMachine("a", true, "interpreted mode", 4, false);
    assertThat(KernelBackend.VECTOR_API.refusal(new HostCapabilities(slow, true, 8)))
        .isEqualTo(slow.refusal());
    assertThat(KernelBackend.SCALAR.refusal(new HostCapabilities(slow, true, 8))).isEmpty();
  }

  @Test
  void vectorApiAsksForItsModule() {
    assertThat(KernelBackend.VECTOR_API.refusal(new HostCapabilities(FAST, false, 0)))
        .hasValueSatisfying(
            refusal -> assertThat(refusal).contains("--add-modules jdk.incubator.vector"));
  }

  @Test
  void vectorApiAsksForFourLanes() {
    assertThat(KernelBackend.VECTOR_API.refusal(new HostCapabilities(FAST, true, 2)))
        .hasValue(
            "Vector API kernels need 4 float64 lanes and this CPU prefers 2: run on a CPU with AVX2"
                + " or wider.");
    assertThat(KernelBackend.VECTOR_API.refusal(new HostCapabilities(FAST, true, 4))).isEmpty();
    assertThat(KernelBackend.VECTOR_API.refusal(new HostCapabilities(FAST, true, 8))).isEmpty();
  }

  @Test
  void scalarServesEveryHost() {
    assertThat(KernelBackend.SCALAR.refusal(new HostCapabilities(FAST, false, 0))).isEmpty();
  }

  @Test
  void bestIsTheFirstThatDoesNotRefuse() {
    HostCapabilities host = HostCapabilities.detect();
    assumeTrue(KernelBackend.VECTOR_API.refusal(host).isEmpty(), "this host has no wide vectors");
    assertThat(Kernels.best().name()).isEqualTo("vector-api float64x" + host.doubleLanes());
    assertThat(Kernels.best()).isSameAs(Kernels.best());
  }

  @Test
  void withoutTheModuleJavaFallsBackToScalarAndSaysHowToGetTheVectors() throws Exception {
    String output = runProbe();
    assertThat(output.lines())
        .containsSubsequence("best: scalar", "refused: VECTOR_API", "vector class loaded: false");
    assertThat(output.split("start Java with --add-modules", -1)).hasSize(2);
  }

  @Test
  void withTheModuleJavaLogsItsChoiceOnce() throws Exception {
    assumeTrue(
        KernelBackend.VECTOR_API.refusal(HostCapabilities.detect()).isEmpty(),
        "this host has no wide vectors");
    String output = runProbe("--add-modules=jdk.incubator.vector");
    assertThat(output.split("Kernels run on vector-api", -1)).hasSize(2);
    assertThat(output).contains("vector class loaded: true");
  }

  @Test
  void withoutC2JavaFallsBackToScalarAndSaysWhy() throws Exception {
    for (String flag : List.of("-XX:TieredStopAtLevel=1", "-Xint")) {
      String output = runProbe("--add-modules=jdk.incubator.vector", flag);
      assertThat(output.lines()).containsSubsequence("best: scalar", "refused: VECTOR_API");
      assertThat(output.split("need the compiler C2", -1)).as(output).hasSize(2);
    }
  }

  /** Runs {@link KernelsProbe} in a JVM of its own, whose modules are not this one's. */
  private static String runProbe(String... flags) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(
        List.of(
            "-Xlog:class+load",
            "-cp",
            System.getProperty("java.class.path"),
            KernelsProbe.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output
            .lines()
            .filter(line -> !line.contains("[class,load]"))
            .reduce("", (a, b) -> a + b + "\n")
        + "vector class loaded: "
        + output.contains("dev.tandem.kernels.vector.VectorKernels source:");
  }
}
