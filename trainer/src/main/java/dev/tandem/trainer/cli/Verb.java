package dev.tandem.trainer.cli;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * One verb of the command line. A verb is a small class: its options are fields, {@link #run} does
 * the work and throws an exception of ours when it cannot; the rest is here and in {@link
 * Failures}.
 */
abstract class Verb implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // read by the command line parser
  private boolean help;

  @Option(names = "--debug", hidden = true, description = "Print the stack trace of a failure.")
  private boolean debug;

  /** Does the work. */
  abstract ExitCode run(Console console) throws IOException, InterruptedException;

  /** What this verb leaves behind when it ends before its time. */
  Remains remains() {
    return Remains.NOTHING;
  }

  /** The command line as it was given. */
  final List<String> arguments() {
    return Objects.requireNonNull(spec).root().commandLine().getParseResult().originalArgs();
  }

  @Override
  public final Integer call() throws IOException, InterruptedException {
    if (spec == null || !(spec.root().userObject() instanceof Tandem tandem)) {
      throw new IllegalStateException(getClass().getName() + " runs under tandem only");
    }
    tandem.console().leaves(remains());
    return run(tandem.console()).status();
  }

  final boolean debug() {
    return debug;
  }
}
