package dev.tandem.trainer.doctor;

import dev.tandem.trainer.model.torch.CpuFacts;
import dev.tandem.trainer.model.torch.LossHead;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was found on a machine, before any judgement.
 *
 * @param javaVersion of the running JVM
 * @param vectorModule whether the Vector API's module is loaded
 * @param libTorch what DJL loaded
 * @param driver NVIDIA's, if there is one
 * @param architecture as the system property {@code os.arch} names it
 * @param cpu vendor and instructions, as Linux names them
 * @param kernels which of ours run here
 * @param cores that this process may use
 * @param memoryBytes that this process may use
 * @param freeBytes on the disk of the working folder
 * @param tools where each helper program was found
 */
public record Machine(
    Runtime.Version javaVersion,
    boolean vectorModule,
    LibTorch libTorch,
    Optional<Driver> driver,
    String architecture,
    CpuFacts cpu,
    CpuKernels kernels,
    int cores,
    long memoryBytes,
    long freeBytes,
    Map<Tool, Path> tools) {

  /** Copies the collections. */
  public Machine {
    tools = Map.copyOf(tools);
  }

  /**
   * Our kernels in host memory.
   *
   * @param name of the backend and its width
   * @param slow why it is not the Vector API, with the fix
   * @param lossHead who computes log-probabilities on the CPU
   */
  public record CpuKernels(String name, Optional<String> slow, LossHead lossHead) {}

  /** Whether libtorch could be loaded. */
  public sealed interface LibTorch {}

  /** It was: see {@link dev.tandem.trainer.model.torch.Devices}. */
  public record Loaded(String version, String flavour, String folder, int gpus)
      implements LibTorch {}

  /** It was not, for a reason. */
  public record NotLoaded(String reason) implements LibTorch {}

  /**
   * NVIDIA's driver.
   *
   * @param cudaVersion the newest CUDA that it serves, as 1000 * major + 10 * minor
   */
  public record Driver(int cudaVersion, List<Gpu> gpus) {
    /** Copies the list. */
    public Driver {
      gpus = List.copyOf(gpus);
    }
  }

  /** A GPU and its compute capability. */
  public record Gpu(String name, long memoryBytes, int major, int minor) {}

  /** Programs that some part of Tandem runs. */
  public enum Tool {
    BUBBLEWRAP("bwrap"),
    PRLIMIT("prlimit"),
    MAVEN("mvn");

    private final String program;

    Tool(String program) {
      this.program = program;
    }

    /** The name of its executable. */
    public String program() {
      return program;
    }
  }
}
