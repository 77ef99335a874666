package dev.tandem.trainer.cli;

import dev.tandem.trainer.model.torch.Devices;
import dev.tandem.trainer.model.torch.Execution;
import java.util.function.Supplier;
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
    return execution(device, Devices::probe, Runtime.getRuntime().availableProcessors());
  }

  /**
   * @param devices asked only where the answer matters
   * @param cores of the CPU
   */
  static Execution execution(String device, Supplier<Devices> devices, int cores) {
    if (device.equals("cpu")) {
      return Execution.cpu(cores);
    }
    if (device.equals("auto")) {
      return devices.get().gpus() > 0 ? Execution.gpu(0) : Execution.cpu(cores);
    }
    Matcher cuda = CUDA.matcher(device);
    if (!cuda.matches()) {
      throw UserException.usage(
          "--device %s is no device; name auto, cpu or cuda:N".formatted(device));
    }
    int index = cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1));
    Devices found = devices.get();
    if (index >= found.gpus()) {
      throw UserException.missing(absent(device, found));
    }
    return Execution.gpu(index);
  }

  private static String absent(String device, Devices found) {
    String sees =
        switch (found.gpus()) {
          case 0 -> "no GPU";
          case 1 -> "one GPU, cuda:0";
          default -> "%d GPUs, cuda:0 to cuda:%d".formatted(found.gpus(), found.gpus() - 1);
        };
    String remedy =
        found.gpus() > 0
            ? "name one of them or cpu"
            : "name cpu, or see tandem doctor for what a GPU needs";
    return "--device %s is not there: libtorch %s (%s) sees %s; %s"
        .formatted(device, found.version(), found.flavour(), sees, remedy);
  }
}
