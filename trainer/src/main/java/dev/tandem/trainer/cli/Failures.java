package dev.tandem.trainer.cli;

import dev.tandem.harness.value.HarnessException;
import dev.tandem.trainer.equipment.EquipmentException;
import dev.tandem.trainer.export.ExportException;
import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.plugin.PluginException;
import dev.tandem.trainer.recipe.yaml.ConfigException;
import dev.tandem.trainer.run.AwaitingWordException;
import dev.tandem.trainer.run.ResumptionException;
import dev.tandem.trainer.warmstart.ChatFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * Turns what went wrong into an exit code and one sentence. Exceptions of our own types carry their
 * sentence; anything else is a defect, whose stack trace goes to a file that the sentence names.
 */
final class Failures {
  private static final String OUR_TYPES = "dev.tandem.";

  /** What the operating system says when a file cannot grow, and what helps. */
  private static final Map<String, String> REMEDIES =
      Map.of(
          "No space left", "free some space on its disk",
          "uota exceeded", "free some of your quota",
          "File too large", "raise the limit on the size of files (ulimit -f)",
          "Read-only file system", "mount its disk for writing");

  private final Console console;
  private final Path traceFolder;

  /**
   * @param traceFolder where stack traces of unexpected failures are written
   */
  Failures(Console console, Path traceFolder) {
    this.console = console;
    this.traceFolder = traceFolder;
  }

  /**
   * Prints the failure on standard error, and what the verb leaves behind; answers the exit code.
   */
  ExitCode report(Throwable failure, boolean debug) {
    Throwable cause = unwrap(failure);
    if (debug) {
      console.note(stackTrace(failure).stripTrailing());
    }
    ExitCode exitCode = explain(cause, failure, debug);
    boolean refused =
        cause instanceof DamagedStateException || cause instanceof ResumptionException;
    if (cause instanceof AwaitingWordException) {
      console.remains().untilAWord().ifPresent(console::note);
    } else if (!refused) {
      console.remains().afterFailure().ifPresent(console::note);
    }
    return exitCode;
  }

  private ExitCode explain(Throwable cause, Throwable failure, boolean debug) {
    String message = String.valueOf(cause.getMessage());
    return switch (cause) {
      case AwaitingWordException _ -> say(ExitCode.WAITING, message);
      case UserException user -> say(user.exitCode(), message);
      case ConfigException _,
          HarnessException _,
          EquipmentException _,
          PluginException _,
          ChatFileException _ ->
          say(ExitCode.USAGE, message);
      case ExportException refused when refused.isUsersChoice() -> say(ExitCode.USAGE, message);
      case IOException io -> say(ExitCode.FAILED, sentence(io));
      case UncheckedIOException told -> say(ExitCode.FAILED, message + because(reason(told)));
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
      case NotDirectoryException file -> file.getFile() + " is no folder; move it out of the way";
      case FileAlreadyExistsException file ->
          file.getFile() + " is there already, as something else; move it out of the way";
      case CharacterCodingException _ ->
          "a file that should be text is not UTF-8; --debug shows which was being read";
      case FileSystemException file when file.getReason() != null ->
          "%s: %s%s".formatted(file.getFile(), file.getReason(), remedy(file.getReason()));
      default -> "input or output failed" + because(String.valueOf(failure.getMessage()));
    };
  }

  private static String because(String reason) {
    return ": " + reason + remedy(reason);
  }

  private static String remedy(String reason) {
    return REMEDIES.entrySet().stream()
        .filter(known -> reason.contains(known.getKey()))
        .map(known -> "; " + known.getValue())
        .findFirst()
        .orElse("");
  }

  private static Throwable unwrap(Throwable failure) {
    Throwable cause = failure.getCause();
    boolean wrapper =
        (failure instanceof UncheckedIOException unchecked && !namesTheFile(unchecked))
            || failure instanceof CompletionException
            || failure instanceof ExecutionException;
    return wrapper && cause != null ? unwrap(cause) : failure;
  }

  /** Whether somebody said which file it is, because the cause does not know. */
  private static boolean namesTheFile(UncheckedIOException failure) {
    Throwable cause = failure.getCause();
    return !(cause instanceof FileSystemException)
        && !String.valueOf(failure.getMessage()).equals(String.valueOf(cause));
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure.getCause();
    return String.valueOf(cause == null ? null : cause.getMessage());
  }

  private static String stackTrace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
