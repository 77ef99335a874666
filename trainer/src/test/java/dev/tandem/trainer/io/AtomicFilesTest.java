package dev.tandem.trainer.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFilesTest {
  @TempDir private Path folder;

  @Test
  void aRefusalNamesTheFileAndNotItsDraft(@TempDir Path other) throws IOException {
    Path file = other.resolve("page.html");
    long thread = Thread.currentThread().threadId();
    Files.createDirectory(
        other.resolve(".page.html.%d-%d.tmp".formatted(ProcessHandle.current().pid(), thread)));
    assertThatThrownBy(() -> AtomicFiles.write(file, "text"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageStartingWith(file + ": ");
  }

  @Test
  void replacesAFileAndLeavesNothingElseBehind() throws IOException {
    Path file = folder.resolve("deep/er/summary.json");
    AtomicFiles.write(file, "old");
    AtomicFiles.write(file, "caf\u00e9");
    assertThat(Files.readString(file)).isEqualTo("caf\u00e9");
    assertThat(folder.resolve("deep/er")).isDirectoryContaining(file::equals);
    assertThat(folder.resolve("deep/er").toFile().list()).containsExactly("summary.json");
  }

  @Test
  void leavesTheOldContentWhenWritingFailsHalfway() throws IOException {
    Path file = folder.resolve("summary.json");
    AtomicFiles.write(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      AtomicFiles.writeFully(out, utf8("half of the new"));
                      throw new IOException("disk full");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": disk full");
    assertThat(Files.readString(file)).isEqualTo("old");
    assertThat(folder.toFile().list()).containsExactly("summary.json");
  }

  private static ByteBuffer utf8(String text) {
    return StandardCharsets.UTF_8.encode(text);
  }

  @Test
  void showsReadersTheOldContentUntilTheNewIsComplete() throws IOException {
    Path file = folder.resolve("summary.json");
    AtomicFiles.write(file, "old");
    AtomicFiles.write(
        file,
        out -> {
          AtomicFiles.writeFully(out, utf8("new"));
          assertThat(Files.readString(file)).isEqualTo("old");
        });
    assertThat(Files.readString(file)).isEqualTo("new");
  }
}
