package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import dev.tandem.trainer.model.torch.Devices;
import dev.tandem.trainer.model.torch.Execution;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class DeviceOptionTest {
  private static final Devices NO_GPU = new Devices("2.7.1", "cpu", "/lib", 0);

  private static Devices gpus(int count) {
    return new Devices("2.5.1", "cu124", "/lib", count);
  }

  private static Execution execution(String device, Devices devices) {
    return DeviceOption.execution(device, () -> devices, 4);
  }

  @Test
  void autoTakesTheFirstGpuOrElseTheCpu() {
    assertThat(execution("auto", gpus(2)).device()).isEqualTo(Device.gpu(0));
    assertThat(execution("auto", NO_GPU)).isEqualTo(Execution.cpu(4));
  }

  @Test
  void aGpuIsDrivenByOneWorkerWithLargerChunksThanTheCpu() {
    Execution gpu = execution("cuda:1", gpus(2));
    assertThat(gpu.device()).isEqualTo(Device.gpu(1));
    assertThat(gpu.workers()).isEqualTo(1);
    assertThat(gpu.trainingChunkTokens()).isGreaterThan(Execution.cpu(4).trainingChunkTokens());
    assertThat(execution("cuda", gpus(1)).device()).isEqualTo(Device.gpu(0));
  }

  @Test
  void theCpuIsTakenWithoutLookingForGpus() {
    Supplier<Devices> asked =
        () -> {
          throw new AssertionError("nothing depends on the GPUs");
        };
    assertThat(DeviceOption.execution("cpu", asked, 3)).isEqualTo(Execution.cpu(3));
  }

  @Test
  void saysWhatIsThereInPlaceOfTheGpuThatIsNot() {
    assertThatThrownBy(() -> execution("cuda:0", NO_GPU))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "--device cuda:0 is not there: libtorch 2.7.1 (cpu) sees no GPU; name cpu, or see"
                + " tandem doctor for what a GPU needs")
        .extracting(e -> ((UserException) e).exitCode())
        .isEqualTo(ExitCode.MISSING_PREREQUISITE);
    assertThatThrownBy(() -> execution("cuda:2", gpus(2)))
        .hasMessageEndingWith("sees 2 GPUs, cuda:0 to cuda:1; name one of them or cpu");
    assertThatThrownBy(() -> execution("cuda:1", gpus(1)))
        .hasMessageEndingWith("sees one GPU, cuda:0; name one of them or cpu");
    assertThatThrownBy(() -> execution("gpu", gpus(1)))
        .hasMessage("--device gpu is no device; name auto, cpu or cuda:N");
  }
}
