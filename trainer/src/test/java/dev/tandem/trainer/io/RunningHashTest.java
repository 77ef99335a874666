package dev.tandem.trainer.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunningHashTest {
  @Test
  void piecesOfAFileAndOfMemoryHashAsOneText(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("part"), "b".repeat(100_000));
    RunningHash pieces = new RunningHash();
    pieces.add(ByteBuffer.wrap("a".getBytes(StandardCharsets.UTF_8)));
    pieces.add(file);
    RunningHash whole = new RunningHash();
    whole.add(ByteBuffer.wrap(("a" + "b".repeat(100_000)).getBytes(StandardCharsets.UTF_8)));
    assertThat(pieces.hex()).isEqualTo(whole.hex());
  }

  @Test
  void isThePublishedHash() {
    // The example of FIPS 180-2, appendix B.1.
    RunningHash hash = new RunningHash();
    hash.add(ByteBuffer.wrap("abc".getBytes(StandardCharsets.UTF_8)));
    assertThat(hash.hex())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
}
