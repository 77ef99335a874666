package dev.tandem.trainer.model.torch;

import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.Platform;
import java.util.Optional;

/**
 * The libtorch that was loaded and what it can compute on.
 *
 * @param version such as 2.7.1
 * @param flavour {@code cpu}, or {@code cu} and a CUDA version
 * @param folder where its libraries lie
 * @param gpus how many GPUs it sees; none for a flavour that is for CPUs only
 */
public record Devices(String version, String flavour, String folder, int gpus) {

  /** Checks the count. */
  public Devices {
    if (gpus < 0) {
      throw new IllegalArgumentException("gpus must not be negative, was " + gpus);
    }
  }

  /** Loads libtorch, if it is not loaded yet, and looks. */
  public static Devices probe() {
    Engine engine = Engine.getEngine("PyTorch");
    boolean cuda = engine.hasCapability(StandardCapabilities.CUDA);
    return new Devices(
        engine.getVersion(),
        flavour(cuda),
        LibUtils.getLibtorchPath(),
        cuda ? engine.getGpuCount() : 0);
  }

  /** What the user named beside a library of their own, else what the class path holds. */
  private static String flavour(boolean cuda) {
    if (System.getenv("PYTORCH_LIBRARY_PATH") != null) {
      return Optional.ofNullable(System.getenv("PYTORCH_FLAVOR")).orElse(cuda ? "cuda" : "cpu");
    }
    return Platform.detectPlatform("pytorch").getFlavor();
  }
}
