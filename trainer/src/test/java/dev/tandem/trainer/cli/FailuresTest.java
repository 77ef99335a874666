package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.value.HarnessException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
            tandem: /d: No space left on device
            """);
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
