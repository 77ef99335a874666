package dev.tandem.trainer.cli;

import dev.tandem.trainer.checkpoint.HfCheckpoint;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.run.RunFolder;
import java.nio.file.Path;
import java.util.function.Function;
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

  /**
   * The folder, opened; what there is to remark on it is said.
   *
   * @throws UserException if it is none
   */
  HfCheckpoint open(Console console) {
    return open(checkpoint, console);
  }

  /** The same for a folder that comes from elsewhere. */
  static HfCheckpoint open(Path folder, Console console) {
    require(folder);
    HfCheckpoint opened = HfCheckpoint.open(folder);
    opened.remarks().forEach(remark -> console.note("tandem: " + remark));
    return opened;
  }

  /**
   * @throws UserException if the folder is none of a model
   */
  static void require(Path folder) {
    RunFolder.dropped(folder)
        .ifPresent(
            sentence -> {
              throw UserException.usage("--checkpoint %s: %s".formatted(folder, sentence));
            });
    try {
      HfCheckpoint.requireAt(folder);
    } catch (IllegalArgumentException refused) {
      throw UserException.usage("--" + refused.getMessage());
    }
  }

  /**
   * Loads the weights for as long as the work takes.
   *
   * @throws UserException if the device has no such name or is not there, or the model cannot take
   *     what it is given
   */
  <T> T with(HfCheckpoint opened, Function<Decoder, T> work) {
    Execution execution = device.execution();
    try (Decoder decoder = opened.loadFrozen(execution)) {
      return work.apply(decoder);
    } catch (DecoderInputException refused) {
      throw UserException.usage(String.valueOf(refused.getMessage()));
    }
  }
}
