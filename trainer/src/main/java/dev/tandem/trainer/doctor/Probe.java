package dev.tandem.trainer.doctor;

import dev.tandem.kernels.KernelBackend;
import dev.tandem.kernels.Kernels;
import dev.tandem.trainer.model.torch.CpuFacts;
import dev.tandem.trainer.model.torch.Devices;
import dev.tandem.trainer.model.torch.LossHead;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Looks at this machine. */
public final class Probe {
  private Probe() {}

  /** Looks at everything; loads libtorch. */
  public static Machine machine() throws IOException {
    return new Machine(
        Runtime.version(),
        ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent(),
        libTorch(),
        CudaDriver.probe(),
        System.getProperty("os.arch"),
        CpuFacts.ofThisMachine(),
        new Machine.CpuKernels(
            Kernels.best().name(), Kernels.refusal(KernelBackend.VECTOR_API), LossHead.ofThisCpu()),
        Runtime.getRuntime().availableProcessors(),
        memoryBytes(),
        Files.getFileStore(Path.of("").toAbsolutePath()).getUsableSpace(),
        tools(Optional.ofNullable(System.getenv("PATH")).orElse("")));
  }

  private static Machine.LibTorch libTorch() {
    try {
      Devices devices = Devices.probe();
      return new Machine.Loaded(
          devices.version(), devices.flavour(), devices.folder(), devices.gpus());
    } catch (RuntimeException | LinkageError | AssertionError failure) {
      // Native code that does not load fails in each of these ways; the report is to say so.
      Throwable cause = failure;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      return new Machine.NotLoaded(
          Optional.ofNullable(cause.getMessage())
              .flatMap(message -> message.lines().findFirst())
              .orElse(cause.toString()));
    }
  }

  private static long memoryBytes() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getTotalMemorySize();
  }

  /** The first of each program on a search path. */
  static Map<Machine.Tool, Path> tools(String searchPath) {
    Map<Machine.Tool, Path> found = new EnumMap<>(Machine.Tool.class);
    for (String folder : searchPath.split(File.pathSeparator, -1)) {
      for (Machine.Tool tool : Machine.Tool.values()) {
        Path program = Path.of(folder, tool.program());
        if (!folder.isEmpty() && Files.isExecutable(program) && !Files.isDirectory(program)) {
          found.putIfAbsent(tool, program);
        }
      }
    }
    return found;
  }
}
