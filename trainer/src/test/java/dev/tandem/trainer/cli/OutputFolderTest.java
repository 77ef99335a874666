package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputFolderTest {
  @TempDir private Path folder;

  @Test
  void createsTheFolderForANewRun() throws IOException {
    Path run = folder.resolve("runs/first");
    try (OutputFolder output = OutputFolder.create(run)) {
      assertThat(output.path()).isEqualTo(run).isDirectory();
    }
  }

  @Test
  void refusesToOverwriteAnotherRun() throws IOException {
    Files.writeString(folder.resolve("config.yaml"), "rounds: 1\n");
    assertThatThrownBy(() -> OutputFolder.create(folder))
        .isInstanceOf(UserException.class)
        .hasMessage(
            folder + " already holds a run; add --resume to go on with it or name another --out");
  }

  @Test
  void resumesARunAndNothingElse() throws IOException {
    assertThatThrownBy(() -> OutputFolder.resume(folder))
        .isInstanceOf(UserException.class)
        .hasMessage(
            folder
                + " holds no run to resume: it has no config.yaml; leave --resume off to start one"
                + " there");
    Files.writeString(folder.resolve("config.yaml"), "rounds: 1\n");
    try (OutputFolder output = OutputFolder.resume(folder)) {
      assertThat(output.path()).isEqualTo(folder);
    }
  }

  @Test
  void holdsTheFolderUntilItIsClosed() throws IOException {
    OutputFolder first = OutputFolder.create(folder);
    assertThatThrownBy(() -> OutputFolder.create(folder))
        .isInstanceOf(UserException.class)
        .hasMessage("another process is writing to %s; wait for it or name another --out", folder);
    first.close();
    OutputFolder.create(folder).close();
  }

  @Test
  void refusesAFolderWithTooLittleRoom() throws IOException {
    try (OutputFolder output = OutputFolder.create(folder)) {
      output.requireRoom(1 << 20);
      assertThatThrownBy(() -> output.requireRoom(1L << 60))
          .isInstanceOf(UserException.class)
          .hasMessageMatching(
              "\\Q%s\\E has room for \\d+ MB and the run needs 1099511627777 MB; free some space there or name an --out on a larger disk"
                  .formatted(folder));
    }
  }

  @Test
  void whatARunHasWrittenIsRoomThatItHas() throws IOException {
    try (OutputFolder output = OutputFolder.create(folder)) {
      long room = Files.getFileStore(folder).getUsableSpace();
      assertThatThrownBy(() -> output.requireRoom(2 * room)).isInstanceOf(UserException.class);
      try (RandomAccessFile hole =
          new RandomAccessFile(folder.resolve("model.safetensors").toFile(), "rw")) {
        hole.setLength(2 * room);
      }
      output.requireRoom(2 * room);
    }
  }

  @Test
  void refusesAFileInPlaceOfAFolder() throws IOException {
    Path file = Files.writeString(folder.resolve("runs"), "");
    assertThatThrownBy(() -> OutputFolder.create(file))
        .isInstanceOf(UserException.class)
        .hasMessage("--out %s: %s is a file; name a folder", file, file);
  }

  @Test
  void refusesAFolderThatMayNotBeWritten() {
    Path forbidden = Path.of("/proc/tandem");
    assumeThat(Path.of("/proc")).as("a folder nobody may write to").isDirectory();
    assertThatThrownBy(() -> OutputFolder.create(forbidden))
        .isInstanceOf(UserException.class)
        .hasMessage("--out /proc/tandem cannot be written to; name a folder where you may write");
  }
}
