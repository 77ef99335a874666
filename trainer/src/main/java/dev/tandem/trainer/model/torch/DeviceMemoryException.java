package dev.tandem.trainer.model.torch;

import java.io.Serial;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * libtorch could not allocate memory. Weights and optimiser state are as they were before the call;
 * a run goes on from its last complete round.
 */
public final class DeviceMemoryException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  private static final Pattern CPU =
      Pattern.compile(
          "(?:can't allocate memory|not enough memory): you tried to allocate (\\d+) bytes");
  private static final Pattern GPU =
      Pattern.compile("CUDA out of memory. Tried to allocate ([0-9.]+ .iB)");

  private DeviceMemoryException(String place, String size, Throwable cause) {
    super(
        ("the %s has no room for another %s; lower optimiser.microbatch_tokens (while sampling:"
                + " rollout.concurrency), turn on optimiser.recompute_layers, train an adapter"
                + " (model.lora.rank) or set model.precision to bfloat16; the weights are"
                + " unchanged and the run can be resumed")
            .formatted(place, size),
        cause);
  }

  /** Recognises libtorch's report, whichever allocator made it. */
  public static Optional<DeviceMemoryException> of(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    Matcher cpu = CPU.matcher(message);
    if (cpu.find()) {
      double gibibytes = Double.parseDouble(cpu.group(1)) / (1L << 30);
      String size = String.format(Locale.ROOT, "%.1f GiB", gibibytes);
      return Optional.of(new DeviceMemoryException("machine's memory", size, failure));
    }
    Matcher gpu = GPU.matcher(message);
    if (gpu.find()) {
      return Optional.of(new DeviceMemoryException("GPU's memory", gpu.group(1), failure));
    }
    return message.contains("CUDA out of memory")
        ? Optional.of(new DeviceMemoryException("GPU's memory", "tensor", failure))
        : Optional.empty();
  }
}
