package dev.tandem.trainer.cli;

import dev.tandem.harness.value.HarnessException;
import dev.tandem.trainer.equipment.EquipmentException;
import dev.tandem.trainer.export.ExportException;
import dev.tandem.trainer.plugin.PluginException;
import dev.tandem.trainer.recipe.yaml.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * Turns what went wrong into an exit code and one sentence. Exceptions of our own types carry their
 * sentence; anything else is a defect, whose stack trace goes to a file that the sentence names.
 */
final class Failures {
  private static final String OUR_TYPES = "dev.tandem.";

  private final Console console;
  private final Path traceFolder;

  /**
   * @param traceFolder where stack traces of unexpected failures are written
   */
  Failures(Console console, Path traceFolder) {
    this.console = console;
    this.traceFolder = traceFolder;
  }

  /** Prints the failure on standard error and answers the exit code. */
  ExitCode report(Throwable failure, boolean debug) {
    Throwable cause = unwrap(failure);
    if (debug) {
      console.note(stackTrace(failure).stripTrailing());
    }
    String message = String.valueOf(cause.getMessage());
    return switch (cause) {
      case UserException user -> say(user.exitCode(), message);
      case ConfigException _, HarnessException _, EquipmentException _, PluginException _ ->
          say(ExitCode.USAGE, message);
      case ExportException refused when refused.isUsersChoice() -> say(ExitCode.USAGE, message);
      case IOException io -> say(ExitCode.FAILED, sentence(io));
      case OutOfMemoryError exhausted ->
          say(
              ExitCode.FAILED,
              "out of Java heap memory (%s); give it more, as in TANDEM_JAVA_OPTS=-Xmx4g"
                  .formatted(message));
      case Throwable ours when ours.getClass().getName().startsWith(OUR_TYPES) ->
          say(ExitCode.FAILED, message);
      default -> say(ExitCode.FAILED, unexpected(cause, failure, debug));
    };
  }

  private ExitCode say(ExitCode exitCode, String sentence) {
    // A file may have several mistakes, each a line.
    console.note("tandem: " + sentence.replace("\n", "\ntandem: "));
    return exitCode;
  }

  private String unexpected(Throwable cause, Throwable failure, boolean debug) {
    String what = "unexpected " + cause;
    if (debug) {
      return what + "; the stack trace is above";
    }
    try {
      Path trace = Files.createTempFile(traceFolder, "tandem-error-", ".txt");
      Files.writeString(trace, stackTrace(failure));
      return what + "; the stack trace is in " + trace;
    } catch (IOException unwritable) {
      return what + "; run again with --debug to see the stack trace";
    }
  }

  private static String sentence(IOException failure) {
    return switch (failure) {
      case NoSuchFileException absent -> absent.getFile() + " does not exist";
      case AccessDeniedException denied ->
          denied.getFile() + " may not be accessed; check its permissions";
      case CharacterCodingException _ ->
          "a file that should be text is not UTF-8; --debug shows which was being read";
      case FileSystemException file -> "%s: %s".formatted(file.getFile(), file.getReason());
      default -> "input or output failed: " + failure.getMessage();
    };
  }

  private static Throwable unwrap(Throwable failure) {
    Throwable cause = failure.getCause();
    boolean wrapper =
        failure instanceof UncheckedIOException
            || failure instanceof CompletionException
            || failure instanceof ExecutionException;
    return wrapper && cause != null ? unwrap(cause) : failure;
  }

  private static String stackTrace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
