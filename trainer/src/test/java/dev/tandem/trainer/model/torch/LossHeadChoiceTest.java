package dev.tandem.trainer.model.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LossHeadChoiceTest {
  @Test
  void kernelsWantFourLanesAndLogitsOf32BitsOnTheCpu() {
    assertThat(LossHead.fastest(new CpuFacts("AuthenticAMD", Set.of("avx", "avx2"))))
        .isEqualTo(LossHead.KERNELS);
    assertThat(LossHead.fastest(new CpuFacts("", Set.of("asimd"))))
        .isEqualTo(LossHead.TORCH_SCRIPT);
    Execution cpu = Execution.cpu(1).withLossHead(LossHead.KERNELS);
    assertThat(cpu.lossHead()).isEqualTo(LossHead.KERNELS);
    assertThat(cpu.withPrecision(Precision.BFLOAT16).lossHead()).isEqualTo(LossHead.KERNELS);
    assertThat(cpu.withPrecision(Precision.FLOAT64).lossHead()).isEqualTo(LossHead.TORCH_SCRIPT);
    assertThat(LossHead.KERNELS.where(Device.gpu(), Precision.FLOAT32))
        .isEqualTo(LossHead.TORCH_SCRIPT);
    assertThat(cpu.withLossHead(LossHead.TORCH_SCRIPT).lossHead()).isEqualTo(LossHead.TORCH_SCRIPT);
  }

  @Test
  void anUnknownNameIsRefusedWithTheKnownOnes() {
    assertThat(LossHead.named("torch_script")).isEqualTo(LossHead.TORCH_SCRIPT);
    assertThatThrownBy(() -> LossHead.named("cuda"))
        .hasMessage(
            "TANDEM_LOSS_HEAD=cuda is no loss head; set it to kernels or torch_script, or unset"
                + " it");
  }
}
