package dev.tandem.trainer.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command line in a process of its own, as the launcher starts it on a terminal. */
final class ChildRun implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private final Process process;
  private final StringBuilder said = new StringBuilder();

  private ChildRun(Process process) {
    this.process = process;
  }

  /**
   * @param folder to run in
   */
  static ChildRun start(Path folder, String... arguments) throws IOException {
    return start(folder, List.of(), arguments);
  }

  /** The same with further options of the JVM. */
  static ChildRun start(Path folder, List<String> options, String... arguments) throws IOException {
    return start(Tandem.class, options, folder, arguments);
  }

  /** The same for another program. */
  static ChildRun start(Class<?> program, Path folder, String... arguments) throws IOException {
    return start(program, List.of(), folder, arguments);
  }

  private static ChildRun start(
      Class<?> program, List<String> options, Path folder, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dai.djl.offline=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-Dorg.slf4j.simpleLogger.log.org.sqlite=off",
                "-Dtandem.terminal=80",
                "-Dtandem.program=./tandem",
                "-cp",
                System.getProperty("java.class.path", "")));
    command.addAll(options);
    command.add(program.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("OPT_OUT_TRACKING", "true");
    return new ChildRun(builder.start());
  }

  /** Waits until it has said something that contains the text. */
  ChildRun until(String text) throws IOException {
    InputStream output = process.getInputStream();
    while (said.indexOf(text) < 0) {
      int next = output.read();
      if (next < 0) {
        throw new IllegalStateException("ended before it said '%s': %s".formatted(text, said));
      }
      said.append((char) next);
    }
    return this;
  }

  /** Sends it a signal, such as TERM. */
  ChildRun signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    return this;
  }

  /** Lets none of its files become longer than so many bytes from now on. */
  ChildRun limitFiles(long bytes) throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("prlimit", "--pid", Long.toString(process.pid()), "--fsize=" + bytes)
            .inheritIO()
            .start()
            .waitFor();
    if (status != 0) {
      throw new IllegalStateException("prlimit ended with status " + status);
    }
    return this;
  }

  /** Waits for its end and answers its exit status. */
  int status() throws IOException, InterruptedException {
    said.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("does not end: " + said);
    }
    return process.exitValue();
  }

  /** What it has said, both streams. */
  String said() {
    return said.toString();
  }

  /** What it said last, from the beginning of a line that begins so. */
  String lastWords(String beginning) {
    int from = said.lastIndexOf(beginning);
    return from < 0 ? "nothing like it in: " + said : said.substring(from);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.getInputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
