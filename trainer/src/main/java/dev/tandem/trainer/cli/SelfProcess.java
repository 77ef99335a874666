package dev.tandem.trainer.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This program in a process of its own, with the options of this one's JVM. */
final class SelfProcess {
  /** What belongs to the terminal of this process. */
  private static final List<String> OURS =
      List.of("-D" + StandardError.PROPERTY + "=", "-D" + Console.TERMINAL_PROPERTY + "=");

  private SelfProcess() {}

  /**
   * Starts a command line.
   *
   * @param processors that it may take itself to have
   * @param log gets all it says, after what is there
   */
  static Process start(int processors, Path log, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> OURS.stream().noneMatch(option::startsWith))
        .forEach(command::add);
    command.add("-XX:ActiveProcessorCount=" + processors);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path", ""), Tandem.class.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }
}
