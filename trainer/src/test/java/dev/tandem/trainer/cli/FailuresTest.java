package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.value.HarnessException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FailuresTest {
  /** An exception type of ours that the command line has never heard of. */
  private static final class SpecificException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SpecificException(String message) {
      super(message);
    }
  }

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path folder;

  @Test
  void printsTheMessageOfAnyExceptionOfOursAndNoStackTrace() {
    assertThat(report(new SpecificException("group size must be at least 2, was 1")))
        .isEqualTo(ExitCode.FAILED);
    assertThat(noted()).isEqualTo("tandem: group size must be at least 2, was 1\n");
  }

  @Test
  void mapsWhatTheUserCanPutRightToItsExitCode() {
    assertThat(report(UserException.usage("a"))).isEqualTo(ExitCode.USAGE);
    assertThat(report(UserException.failed("b"))).isEqualTo(ExitCode.FAILED);
    assertThat(report(UserException.missing("c"))).isEqualTo(ExitCode.MISSING_PREREQUISITE);
    assertThat(report(new HarnessException(List.of("h.yaml:2: d", "h.yaml:3: e"))))
        .isEqualTo(ExitCode.USAGE);
    assertThat(noted())
        .isEqualTo("tandem: a\ntandem: b\ntandem: c\ntandem: h.yaml:2: d\ntandem: h.yaml:3: e\n");
  }

  @Test
  void looksThroughTheWrappersOfConcurrencyAndStreams() {
    report(new CompletionException(new UncheckedIOException(new NoSuchFileException("a/b"))));
    report(new AccessDeniedException("/c"));
    report(new FileSystemException("/d", null, "No space left on device"));
    assertThat(noted())
        .isEqualTo(
            """
            tandem: a/b does not exist
            tandem: /c may not be accessed; check its permissions
            tandem: /d: No space left on device; free some space on its disk
            """);
  }

  @ParameterizedTest
  @CsvSource({
    "No space left on device, free some space on its disk",
    "Disk quota exceeded, free some of your quota",
    "File too large, raise the limit on the size of files (ulimit -f)",
    "Read-only file system, mount its disk for writing",
  })
  void saysWhatHelpsWhenAFileCannotBeWritten(String reason, String remedy) {
    report(new FileSystemException("/run/metrics.jsonl", null, reason));
    report(
        new UncheckedIOException("/run/ledger.jsonl cannot be written", new IOException(reason)));
    report(new IOException(reason));
    assertThat(noted())
        .isEqualTo(
            """
            tandem: /run/metrics.jsonl: %s; %s
            tandem: /run/ledger.jsonl cannot be written: %1$s; %2$s
            tandem: input or output failed: %1$s; %2$s
            """
                .replace("%s; %s", "%1$s; %2$s")
                .formatted(reason, remedy));
  }

  @Test
  void namesWhatIsInAFoldersPlace() {
    report(new NotDirectoryException("/run/traces"));
    report(new FileAlreadyExistsException("/run/checkpoints"));
    assertThat(noted())
        .isEqualTo(
            """
            tandem: /run/traces is no folder; move it out of the way
            tandem: /run/checkpoints is there already, as something else; move it out of the way
            """);
  }

  @Test
  void aVerbThatFailsAlsoSaysWhatItLeaves() {
    Console console = console();
    console.leaves(
        new Remains() {
          @Override
          public String afterSignal(Duration patience) {
            return "";
          }

          @Override
          public Optional<String> afterFailure() {
            return Optional.of("tandem: round 7 of 20 is complete");
          }
        });
    new Failures(console, folder).report(UserException.failed("no"), false);
    assertThat(noted()).isEqualTo("tandem: no\ntandem: round 7 of 20 is complete\n");
  }

  @Test
  void writesTheStackTraceOfADefectToAFileAndNamesIt() throws IOException {
    assertThat(report(new IllegalStateException("broken"))).isEqualTo(ExitCode.FAILED);
    List<Path> traces;
    try (var files = Files.list(folder)) {
      traces = files.toList();
    }
    assertThat(traces).hasSize(1);
    assertThat(noted())
        .isEqualTo(
            "tandem: unexpected java.lang.IllegalStateException: broken; the stack trace is in %s\n"
                .formatted(traces.getFirst()));
    assertThat(traces.getFirst()).content().contains("at dev.tandem.trainer.cli.FailuresTest");
  }

  @Test
  void printsTheStackTraceWhenAsked() {
    new Failures(console(), folder).report(new IllegalStateException("broken"), true);
    assertThat(noted())
        .contains("at dev.tandem.trainer.cli.FailuresTest")
        .endsWith("broken; the stack trace is above\n");
    assertThat(folder).isEmptyDirectory();
  }

  private ExitCode report(Throwable failure) {
    return new Failures(console(), folder).report(failure, false);
  }

  private Console console() {
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    return new Console(stream, stream, false);
  }

  private String noted() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
