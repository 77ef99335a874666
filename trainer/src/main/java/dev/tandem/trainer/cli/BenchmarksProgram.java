package dev.tandem.trainer.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A program of the module that measures, which is not part of this one and needs 130 MB more: it
 * runs in a process of its own, on the class path that the launcher built for it.
 */
final class BenchmarksProgram {
  /** Set by the launcher: the folder that the benchmarks' build wrote. */
  static final String FOLDER_PROPERTY = "tandem.benchmarks";

  private final List<String> command;

  private BenchmarksProgram(List<String> command) {
    this.command = List.copyOf(command);
  }

  /**
   * Finds the program's classes.
   *
   * @param verb that needs them and that the launcher builds them for
   */
  static BenchmarksProgram find(String verb, String mainClass) throws IOException {
    String folder = System.getProperty(FOLDER_PROPERTY, "");
    Path classPath = Path.of(folder).resolve("runtime-classpath");
    if (folder.isEmpty() || !Files.exists(classPath)) {
      throw UserException.missing(
          "the benchmarks are not built; run ./tandem %s in a checkout, which builds them"
              .formatted(verb));
    }
    return new BenchmarksProgram(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            // JMH keeps its own state through Unsafe.
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-Dstdout.encoding=UTF-8",
            "-cp",
            Path.of(folder).resolve("classes")
                + File.pathSeparator
                + Files.readString(classPath).strip(),
            mainClass));
  }

  /** Runs the program, whose output goes where ours does, and answers its exit status. */
  int run(String... arguments) throws IOException, InterruptedException {
    return await(start(Redirect.INHERIT, arguments), process -> {});
  }

  /** Runs the program, shows every line of its standard output, and answers its exit status. */
  int run(Consumer<String> lines, String... arguments) throws IOException, InterruptedException {
    return await(
        start(Redirect.PIPE, arguments),
        process -> {
          try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            output.lines().forEach(lines);
          }
        });
  }

  private Process start(Redirect output, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(arguments));
    return new ProcessBuilder(all)
        .redirectInput(Redirect.INHERIT)
        .redirectOutput(output)
        .redirectError(Redirect.INHERIT)
        .start();
  }

  /** What is done while the program runs. */
  @FunctionalInterface
  private interface Meanwhile {
    void accept(Process process) throws IOException;
  }

  /** The program ends with us, whatever ends us. */
  private static int await(Process process, Meanwhile meanwhile)
      throws IOException, InterruptedException {
    Thread ending = Thread.ofPlatform().unstarted(() -> end(process));
    Runtime.getRuntime().addShutdownHook(ending);
    try {
      meanwhile.accept(process);
      return process.waitFor();
    } finally {
      end(process);
      Runtime.getRuntime().removeShutdownHook(ending);
    }
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }
}
