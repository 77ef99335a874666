package dev.tandem.trainer.cli;

import dev.tandem.trainer.recipe.yaml.Spelling;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: {@code tandem VERB}. */
@Command(
    name = "tandem",
    versionProvider = Version.class,
    header = "Trains a model and the harness around it from one set of rollouts.",
    synopsisSubcommandLabel = "VERB",
    footer =
        "%nExit codes: 0 ok, 1 failed, 2 usage, 69 missing prerequisite, 75 waiting for a"
            + " person, 130 and 143 stopped by SIGINT and SIGTERM.",
    subcommands = {
      TrainVerb.class,
      SftVerb.class,
      EvalVerb.class,
      ScoreVerb.class,
      GenerateVerb.class,
      ExportVerb.class,
      ReportVerb.class,
      HarnessVerb.class,
      LedgerVerb.class,
      ApproveVerb.class,
      RejectVerb.class,
      TracesVerb.class,
      BenchVerb.class,
      DoctorVerb.class,
      SimulateVerb.class,
      CompareVerb.class,
      BundleVerb.class,
      VersionVerb.class
    })
public final class Tandem implements Runnable {
  private final Console console;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help; every verb has its own.")
  @SuppressWarnings("UnusedVariable") // read by the command line parser
  private boolean help;

  @Option(names = "--version", versionHelp = true, description = "Print the version.")
  @SuppressWarnings("UnusedVariable") // read by the command line parser
  private boolean version;

  Tandem(Console console) {
    this.console = console;
  }

  /** Runs the process. */
  public static void main(String[] arguments) {
    StandardError.restore();
    Console console = Console.ofProcess();
    Stopping stopping = new Stopping(console);
    stopping.install();
    Failures failures = new Failures(console, Path.of(System.getProperty("java.io.tmpdir")));
    boolean debug = List.of(arguments).contains("--debug");
    // Errors, as opposed to exceptions, pass the command line's own handler by.
    Thread.currentThread()
        .setUncaughtExceptionHandler(
            (thread, error) -> stopping.exit(failures.report(error, debug).status()));
    stopping.exit(run(console, failures, arguments));
  }

  /** Runs one command line and answers the exit status. */
  static int run(Console console, Failures failures, String... arguments) {
    IExecutionExceptionHandler onFailure =
        (failure, command, parsed) ->
            failures
                .report(failure, command.getCommand() instanceof Verb verb && verb.debug())
                .status();
    return new CommandLine(new Tandem(console))
        .setOut(new PrintWriter(console.out(), true, console.out().charset()))
        .setErr(new PrintWriter(console.err(), true, console.err().charset()))
        .setParameterExceptionHandler(usageHandler(console))
        .setExecutionExceptionHandler(onFailure)
        .setAbbreviatedOptionsAllowed(false)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(arguments);
  }

  /** Without a verb there is nothing to do but say which there are. */
  @Override
  public void run() {
    throw UserException.usage("a verb is missing; see tandem --help");
  }

  Console console() {
    return console;
  }

  private static IParameterExceptionHandler usageHandler(Console console) {
    return (mistake, arguments) -> {
      CommandLine command = mistake.getCommandLine();
      console.note(
          "tandem: %s%s; see %s --help"
              .formatted(
                  decapitalised(mistake),
                  suggestion(mistake),
                  command.getCommandSpec().qualifiedName()));
      return ExitCode.USAGE.status();
    };
  }

  private static String decapitalised(ParameterException mistake) {
    String message =
        String.valueOf(mistake.getMessage())
            .lines()
            .findFirst()
            .orElse("")
            .replaceFirst("^Error: ", "");
    return message.isEmpty()
        ? "the command line is wrong"
        : plain(Character.toLowerCase(message.charAt(0)) + message.substring(1));
  }

  /** Without the parser's own words for types. */
  private static String plain(String message) {
    return message
        .replaceFirst("' is not an? (int|long)$", "' is no whole number")
        .replaceFirst("' is not a double$", "' is no number");
  }

  private static String suggestion(ParameterException mistake) {
    return mistake instanceof UnmatchedArgumentException unmatched
            && !unmatched.getUnmatched().isEmpty()
        ? Spelling.nearest(unmatched.getUnmatched().getFirst(), unmatched.getSuggestions())
            .map(near -> "; did you mean " + near + "?")
            .orElse("")
        : "";
  }
}
