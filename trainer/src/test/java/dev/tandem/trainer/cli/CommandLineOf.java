package dev.tandem.trainer.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** The command line within a test. */
public final class CommandLineOf {
  private CommandLineOf() {}

  /** What a verb said and ended with. */
  public record Said(int status, String out, String err) {}

  /** Runs {@code tandem} with these arguments. */
  public static Said tandem(Object... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    int status =
        Tandem.run(
            console,
            new Failures(console, Path.of(System.getProperty("java.io.tmpdir"))),
            Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
    return new Said(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
