package dev.tandem.benchmarks.kernels.program;

import dev.tandem.kernels.cuda.CudaKernels;
import dev.tandem.kernels.operation.KernelProvider;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Times every operation and sets the bytes it has to move against the bandwidth of a plain copy,
 * measured in the same run.
 */
public final class KernelsBench {
  private static final Workloads.Scale DEVICE = new Workloads.Scale(4096, 32_000, 1L << 27);
  private static final Workloads.Scale WIDE_DEVICE = new Workloads.Scale(1024, 151_936, 1L << 27);
  private static final Workloads.Scale SMALL_DEVICE = new Workloads.Scale(256, 32_000, 1L << 22);
  private static final Workloads.Scale HOST = new Workloads.Scale(64, 32_000, 1L << 20);
  private static final Workloads.Scale SMALL_HOST = new Workloads.Scale(4, 32_000, 1L << 16);
  private static final long DEVICE_COPY = 1L << 30;
  private static final long HOST_COPY = 1L << 26;

  private KernelsBench() {}

  /** Runs the program. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    return Program.run(
        "kernels-bench",
        "[--pytorch PYTHON]",
        "  --pytorch    a Python with torch, whose plain sequence of operators is timed as well\n",
        arguments,
        KernelsBench::bench);
  }

  private static boolean bench(Arguments arguments, KernelProvider provider) throws IOException {
    CudaKernels device = provider instanceof CudaKernels cuda ? cuda : null;
    boolean quick = arguments.quick();
    Clock clock = Clock.of(provider, quick ? 3 : 21);
    long copied = (device == null ? HOST_COPY : DEVICE_COPY) >> (quick ? 4 : 0);
    double bandwidth = clock.copyBandwidth(copied);
    System.out.printf("copy bandwidth: %.1f GB/s (read and written)%n", bandwidth);
    System.out.printf("%-30s %-22s %10s %9s %9s%n", "operation", "shape", "ms", "GB/s", "of copy");

    List<Map<String, Object>> results = new ArrayList<>();
    Workloads.Scale scale =
        device == null ? (quick ? SMALL_HOST : HOST) : (quick ? SMALL_DEVICE : DEVICE);
    measure(Workloads.all(scale), device, clock, bandwidth, results);
    if (device != null && !quick) {
      measure(Workloads.ofLogits(WIDE_DEVICE), device, clock, bandwidth, results);
    }

    Map<String, Object> report = new LinkedHashMap<>();
    report.put("provider", provider.name());
    report.put("copy_gb_per_s", bandwidth);
    report.put("results", results);
    if (arguments.python().isPresent()) {
      String comparison =
          PyTorch.compare(arguments.python().get(), scale.tokens(), scale.vocabulary());
      System.out.print("PyTorch: " + comparison + System.lineSeparator());
      report.put("pytorch", new Json.Raw(comparison));
    }
    if (arguments.json().isPresent()) {
      Program.write(arguments.json().get(), Json.of(report) + "\n");
    }
    return true;
  }

  private static void measure(
      List<Workloads.Maker> makers,
      @Nullable CudaKernels device,
      Clock clock,
      double bandwidth,
      List<Map<String, Object>> results) {
    for (Workloads.Maker maker : makers) {
      try (WorkArrays arrays = new WorkArrays(device)) {
        Workload workload = maker.apply(arrays);
        long freeBefore = device == null ? 0 : device.freeBytes();
        double milliseconds = clock.milliseconds(workload.operation());
        long temporaries = device == null ? 0 : freeBefore - device.freeBytes();
        double rate = workload.bytes() / milliseconds / 1e6;
        System.out.printf(
            "%-30s %-22s %10.4f %9.1f %8.0f%%%n",
            workload.name(), workload.shape(), milliseconds, rate, 100 * rate / bandwidth);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("operation", workload.name());
        result.put("shape", workload.shape());
        result.put("ms", milliseconds);
        result.put("gb_per_s", rate);
        result.put("fraction_of_copy", rate / bandwidth);
        result.put("temporary_bytes", temporaries);
        results.add(result);
      }
    }
  }
}
