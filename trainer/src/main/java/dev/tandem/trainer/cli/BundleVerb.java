package dev.tandem.trainer.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "bundle",
    description =
        "Write an archive with which a machine that has a GPU and NVIDIA's driver, and nothing"
            + " else, verifies and times the CUDA kernels.")
final class BundleVerb extends Verb {
  private static final String MAIN_CLASS = "dev.tandem.benchmarks.bundle.BundleProgram";
  private static final int STEPS = 3;
  private static final String STEP = "step ";
  private static final String FAILURE = "failed ";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE",
      description = "The archive to write, a .tar.gz; an older one is replaced.")
  private Path to = Path.of("");

  @Option(names = "--json", description = "Print one JSON object as the last line.")
  private boolean json;

  @Override
  Remains remains() {
    return _ -> to + " may be incomplete";
  }

  @Override
  ExitCode run(Console console) throws IOException, InterruptedException {
    requireArchive();
    write(BenchmarksProgram.find("bundle", MAIN_CLASS), console);
    long bytes = Files.size(to);
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

  /** The program says which step begins, and in a sentence why it cannot go on. */
  private void write(BenchmarksProgram program, Console console)
      throws IOException, InterruptedException {
    List<String> failures = new ArrayList<>();
    int status;
    try (Progress progress = console.progress("bundle", STEPS, "steps")) {
      status =
          program.run(
              line -> {
                if (line.startsWith(STEP)) {
                  progress.detail(line.substring(STEP.length()));
                  progress.advance(1);
                } else if (line.startsWith(FAILURE)) {
                  failures.add(line.substring(FAILURE.length()));
                }
              },
              to.toAbsolutePath().toString());
    }
    if (status == 0) {
      return;
    }
    String sentence =
        failures.isEmpty()
            ? "the bundle's program ended with status %d; the reason is above".formatted(status)
            : failures.getLast();
    throw status == ExitCode.MISSING_PREREQUISITE.status()
        ? UserException.missing(sentence)
        : UserException.failed(sentence);
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
