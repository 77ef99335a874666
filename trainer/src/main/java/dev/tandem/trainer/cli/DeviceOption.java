package dev.tandem.trainer.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import dev.tandem.trainer.model.Execution;
import dev.tandem.trainer.model.MatrixLibrary;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Where the model's tensors live: shared by every verb that loads one. */
final class DeviceOption {
  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "auto, cpu or cuda:N; auto takes the first GPU if there is one.")
  private String device = "auto";

  /**
   * @throws UserException if the device has no such name or is not there
   */
  Execution execution() {
    Matcher cuda = CUDA.matcher(device);
    if (device.equals("cpu")) {
      return cpu();
    }
    if (device.equals("auto")) {
      return gpus() > 0 ? gpu(0) : cpu();
    }
    if (!cuda.matches()) {
      throw UserException.usage(
          "--device %s is no device; name auto, cpu or cuda:N".formatted(device));
    }
    int index = cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1));
    if (index >= gpus()) {
      throw UserException.missing(
          "--device %s is not there: libtorch sees %d GPUs; name one of them, or cpu"
              .formatted(device, gpus()));
    }
    return gpu(index);
  }

  private static int gpus() {
    return Engine.getInstance().getGpuCount();
  }

  private static Execution cpu() {
    return Execution.cpu(Runtime.getRuntime().availableProcessors());
  }

  /** One stream of large operators: chunks that fill a GPU. */
  private static Execution gpu(int index) {
    return new Execution(Device.gpu(index), 1, 1, 65_536, 131_072, MatrixLibrary.DEVICE_DEFAULT);
  }
}
