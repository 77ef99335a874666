package dev.tandem.trainer.cli;

import dev.tandem.trainer.model.torch.Execution;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The checkpoint and where it runs: shared by the verbs that use a finished model. */
final class ModelOptions {
  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "Hugging Face folder of the model.")
  private Path checkpoint = Path.of("");

  @Mixin private DeviceOption device = new DeviceOption();

  Path checkpoint() {
    return checkpoint;
  }

  /**
   * @throws UserException if the device has no such name or is not there
   */
  Execution execution() {
    return device.execution();
  }
}
