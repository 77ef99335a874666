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
            + " else, verifies and times the CUDA kernels; or, with --trainer, one that runs all"
            + " of Tandem on a machine that has Python's torch and no Java.")
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

  @Option(names = "--trainer", description = "All of Tandem, for a torch that is there.")
  private boolean trainer;

  @Option(
      names = "--with-javascript",
      description = "With --trainer: GraalJS too, which code processors need; 63 MB more.")
  private boolean javaScript;

  @Option(names = "--json", description = "Print one JSON object as the last line.")
  private boolean json;

  @Override
  Remains remains() {
    return _ -> to + " may be incomplete";
  }

  @Override
  ExitCode run(Console console) throws IOException, InterruptedException {
    if (javaScript && !trainer) {
      throw UserException.usage("--with-javascript is for the trainer's bundle; add --trainer");
    }
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
          trainer
              ? "tandem: there: tar xzf %s && tandem-trainer/bin/use-torch TORCH, then tandem-trainer/bin/tandem doctor"
                  .formatted(to.getFileName())
              : "tandem: on the GPU machine: tar xzf %s && tandem-kernels/bin/kernels-verify"
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
              programArguments());
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

  /** The class path of this process is what runs over there. */
  private String[] programArguments() {
    String file = to.toAbsolutePath().toString();
    return trainer
        ? new String[] {
          file, System.getProperty("java.class.path"), javaScript ? "javascript" : "plain"
        }
        : new String[] {file};
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
