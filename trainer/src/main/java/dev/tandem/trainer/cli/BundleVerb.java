package dev.tandem.trainer.cli;

import dev.tandem.trainer.bundle.KernelsBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "bundle",
    description =
        "Write an archive with which a machine that has a GPU and NVIDIA's driver, and nothing"
            + " else, verifies and times the CUDA kernels.")
final class BundleVerb extends Verb {
  private static final int STEPS = 3;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE",
      description = "The archive to write, a .tar.gz; an older one is replaced.")
  private Path to = Path.of("");

  @Option(names = "--json", description = "Print one JSON object as the last line.")
  private boolean json;

  @Override
  ExitCode run(Console console) throws IOException, InterruptedException {
    requireArchive();
    Path javaHome = Path.of(System.getProperty("java.home"));
    long bytes;
    try (Progress progress = console.progress("bundle", STEPS, "steps")) {
      bytes =
          KernelsBundle.write(
              to,
              javaHome,
              step -> {
                progress.detail(step);
                progress.advance(1);
              });
    }
    if (json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("bundle", to.toString());
      result.put("bytes", bytes);
      console.json(result);
    } else {
      console.print("%s, %.1f MB".formatted(to, bytes / 1e6));
      console.note(
          "tandem: on the GPU machine: tar xzf %s && tandem-kernels/bin/kernels-verify"
              .formatted(to.getFileName()));
    }
    return ExitCode.OK;
  }

  private void requireArchive() {
    if (!to.toString().endsWith(".tar.gz") || Files.isDirectory(to)) {
      throw UserException.usage("--to %s must name a file that ends in .tar.gz".formatted(to));
    }
    Path folder = to.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw UserException.usage(
          "--to %s cannot be written to; name a file in a folder where you may write"
              .formatted(to));
    }
  }
}
