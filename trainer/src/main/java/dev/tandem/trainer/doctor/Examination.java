package dev.tandem.trainer.doctor;

import static java.util.Locale.ROOT;

import dev.tandem.trainer.model.torch.Bfloat16Products;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Judges a machine: a pure function of what was found on it. */
public final class Examination {
  /** Older updates may move pinned heap arrays while native code reads them (JDK-8377811). */
  private static final Runtime.Version SAFE_JAVA = Runtime.Version.parse("25.0.3");

  private static final int JAVA = 25;

  /** Programs built for one CUDA 12 run on every driver for CUDA 12 or newer. */
  private static final int OLDEST_CUDA = 12_000;

  private static final long LEAST_MEMORY = 2L << 30;
  private static final long LEAST_DISK = 256L << 20;

  private static final String GPU_ROUTES =
      "build the CUDA 12.4 set from Maven Central with TANDEM_PROFILE=cuda, or, for CUDA 12.8, keep"
          + " the default build and set PYTORCH_LIBRARY_PATH to the torch/lib folder of a"
          + " pip-installed torch 2.7.1+cu128, PYTORCH_VERSION=2.7.1 and PYTORCH_FLAVOR=cu128";

  private Examination() {}

  /** Returns one finding for each thing that matters, in the order of a report. */
  public static List<Finding> of(Machine machine) {
    return List.of(
        java(machine.javaVersion()),
        vectorApi(machine.vectorModule()),
        libTorch(machine.libTorch()),
        driver(machine),
        gpus(machine),
        cpu(machine),
        kernels(machine.kernels()),
        memory(machine.memoryBytes()),
        disk(machine.freeBytes()),
        tool(
            machine,
            Machine.Tool.BUBBLEWRAP,
            "code that meta-agents write runs in its own process without it, but with less between"
                + " it and this machine; install the package bubblewrap"),
        tool(
            machine,
            Machine.Tool.PRLIMIT,
            "the memory of such a process is bounded by -Xmx alone; install the package"
                + " util-linux"),
        tool(
            machine,
            Machine.Tool.MAVEN,
            "what is built keeps running, but a changed source cannot be built; install Maven 3.8"
                + " or newer"));
  }

  /** Whether training can run. */
  public static boolean isReady(List<Finding> findings) {
    return findings.stream().noneMatch(Finding::blocks);
  }

  private static Finding java(Runtime.Version version) {
    if (version.feature() != JAVA) {
      return Finding.tooOld("JDK", version.toString(), "install a JDK 25, such as Temurin")
          .needed();
    }
    return version.compareToIgnoreOptional(SAFE_JAVA) < 0
        ? Finding.tooOld(
            "JDK", version.toString(), "it runs, but update to 25.0.3 or newer (JDK-8377811)")
        : Finding.found("JDK", version.toString()).needed();
  }

  private static Finding vectorApi(boolean present) {
    return (present
            ? Finding.found("Vector API", "jdk.incubator.vector")
            : Finding.missing(
                "Vector API",
                "the module jdk.incubator.vector is not loaded",
                "start through ./tandem, or give java --add-modules=jdk.incubator.vector"))
        .needed();
  }

  private static Finding libTorch(Machine.LibTorch libTorch) {
    return switch (libTorch) {
      case Machine.Loaded loaded ->
          Finding.found(
                  "libtorch",
                  "%s (%s) in %s".formatted(loaded.version(), loaded.flavour(), loaded.folder()))
              .needed();
      case Machine.NotLoaded failed ->
          Finding.missing(
                  "libtorch",
                  failed.reason(),
                  "build again with ./tandem on Linux x86-64, and unset PYTORCH_LIBRARY_PATH or"
                      + " correct it")
              .needed();
    };
  }

  private static Finding driver(Machine machine) {
    if (machine.driver().isEmpty()) {
      return Finding.missing(
          "CUDA driver",
          "no libcuda.so.1: this machine trains on its CPU",
          "for a GPU, install NVIDIA's driver for CUDA 12.4 or newer");
    }
    int version = machine.driver().get().cudaVersion();
    String detail = "for CUDA %d.%d".formatted(version / 1000, version % 1000 / 10);
    return version < OLDEST_CUDA
        ? Finding.tooOld(
            "CUDA driver", detail, "update NVIDIA's driver to one for CUDA 12.4 or newer")
        : Finding.found("CUDA driver", detail);
  }

  private static Finding gpus(Machine machine) {
    List<Machine.Gpu> gpus = machine.driver().map(Machine.Driver::gpus).orElse(List.of());
    if (gpus.isEmpty()) {
      return Finding.missing("GPU", "none", "");
    }
    String list =
        gpus.stream()
            .map(
                gpu ->
                    "%s, %s, compute capability %d.%d"
                        .formatted(
                            gpu.name(), gigabytes(gpu.memoryBytes()), gpu.major(), gpu.minor()))
            .collect(Collectors.joining("; "));
    boolean used = machine.libTorch() instanceof Machine.Loaded loaded && loaded.gpus() > 0;
    return used
        ? Finding.found("GPU", list)
        : Finding.missing("GPU", list + "; this libtorch sees none of it", GPU_ROUTES);
  }

  private static Finding cpu(Machine machine) {
    String features =
        Stream.of("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16")
            .filter(machine.cpu().flags()::contains)
            .collect(Collectors.joining(", "));
    String detail =
        "%d cores, %s%s%s"
            .formatted(
                machine.cores(),
                machine.architecture(),
                features.isEmpty() ? "" : ": " + features,
                switch (Bfloat16Products.fastest(machine.cpu())) {
                  case NATIVE -> "";
                  case WIDENED -> "; bfloat16 is multiplied in 32 bits";
                });
    boolean slow =
        machine.architecture().equals("amd64")
            && !machine.cpu().flags().isEmpty()
            && !machine.cpu().flags().contains("avx2");
    return slow
        ? Finding.tooOld("CPU", detail, "it runs, but without AVX2 several times slower")
        : Finding.found("CPU", detail);
  }

  private static Finding kernels(Machine.CpuKernels kernels) {
    return kernels
        .slow()
        .map(reason -> Finding.missing("Kernels", kernels.name() + ": " + reason, ""))
        .orElseGet(() -> Finding.found("Kernels", kernels.name()));
  }

  private static Finding memory(long bytes) {
    return (bytes < LEAST_MEMORY
            ? Finding.missing(
                "memory", gigabytes(bytes), "the smallest run needs 2 GB; raise the limit")
            : Finding.found("memory", gigabytes(bytes)))
        .needed();
  }

  private static Finding disk(long bytes) {
    return (bytes < LEAST_DISK
            ? Finding.missing(
                "disk", gigabytes(bytes) + " free here", "a run needs 256 MB; free some space")
            : Finding.found("disk", gigabytes(bytes) + " free here"))
        .needed();
  }

  private static Finding tool(Machine machine, Machine.Tool tool, String remedy) {
    Path place = machine.tools().get(tool);
    String name = tool.name().charAt(0) + tool.name().substring(1).toLowerCase(ROOT);
    return place == null
        ? Finding.missing(name, "no %s on the PATH".formatted(tool.program()), remedy)
        : Finding.found(name, place.toString());
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }
}
