package dev.tandem.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PtxTest {
  /** The kernels whose time is that of the memory, where a spilled register would cost most. */
  private static final List<String> HOT =
      List.of(
          "selected_log_probs_f32",
          "selected_log_probs_bf16",
          "selected_log_probs_backward_f32",
          "selected_log_probs_backward_bf16",
          "fused_policy_loss_f32",
          "fused_policy_loss_bf16",
          "adamw_f32",
          "convert_f32_to_bf16",
          "convert_bf16_to_f32",
          "normalise_groups_f32",
          "whitening_values_f32");

  /** 64 registers let two blocks of 512 threads share a multiprocessor. */
  private static final int MOST_REGISTERS = 64;

  @ParameterizedTest
  @EnumSource(PtxTarget.class)
  void theKeptPtxSaysWhatTheTargetSays(PtxTarget target) {
    assertThat(CudaModule.text(target).lines())
        .contains(".version " + target.isaVersion(), ".target " + target.architecture());
  }

  @Test
  void theKeptPtxIsWhatTheSourcesCompileTo(@TempDir Path folder) throws Exception {
    Tools.assume("nvcc");
    Tools.assume("ptxas");
    String version = Tools.run(Map.of(), List.of("nvcc", "--version"));
    assumeTrue(version.contains("release 13.0"), "the kept PTX is that of nvcc 13.0");
    Tools.run(
        Map.of(),
        List.of("bash", Tools.folder("src/main/cuda/build-ptx.sh").toString(), folder.toString()));
    for (PtxTarget target : PtxTarget.values()) {
      assertThat(Files.readString(folder.resolve(target.resource())))
          .as("run src/main/cuda/build-ptx.sh and commit %s", target.resource())
          .isEqualTo(CudaModule.text(target));
    }
  }

  @ParameterizedTest
  @EnumSource(PtxTarget.class)
  void thePtxAssemblesAndHotKernelsSpillNothing(PtxTarget target, @TempDir Path folder)
      throws Exception {
    Tools.assume("ptxas");
    Path ptx = Files.writeString(folder.resolve("kernels.ptx"), CudaModule.text(target));
    String report =
        Tools.run(
            Map.of(),
            List.of(
                "ptxas",
                "-v",
                "-arch=" + target.architecture(),
                ptx.toString(),
                "-o",
                folder.resolve("kernels.cubin").toString()));
    Matcher kernel =
        Pattern.compile(
                "Compiling entry function '(\\w+)'.*?(\\d+) bytes spill stores.*?Used (\\d+)"
                    + " registers",
                Pattern.DOTALL)
            .matcher(report);
    List<String> seen = new ArrayList<>();
    while (kernel.find()) {
      String name = kernel.group(1);
      if (HOT.contains(name)) {
        seen.add(name);
        assertThat(Integer.parseInt(kernel.group(2))).as("spilled bytes of %s", name).isZero();
        assertThat(Integer.parseInt(kernel.group(3)))
            .as("registers of %s", name)
            .isLessThanOrEqualTo(MOST_REGISTERS);
      }
    }
    assertThat(seen).containsExactlyInAnyOrderElementsOf(HOT);
  }
}
