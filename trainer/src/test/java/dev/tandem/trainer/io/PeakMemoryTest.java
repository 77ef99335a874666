package dev.tandem.trainer.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PeakMemoryTest {
  @TempDir private Path folder;

  @Test
  void readsTheHighWaterMarkOfTheResidentSet() throws IOException {
    Path status = folder.resolve("status");
    Files.writeString(status, "VmPeak:\t 9000000 kB\nVmHWM:\t  524288 kB\nVmRSS:\t  1024 kB\n");
    assertThat(PeakMemory.megabytes(status)).hasValue(512);
  }

  @Test
  void isEmptyWhereTheKernelDoesNotTell() throws IOException {
    Path status = Files.writeString(folder.resolve("status"), "Name:\tjava\n");
    assertThat(PeakMemory.megabytes(status)).isEmpty();
    assertThat(PeakMemory.megabytes(folder.resolve("absent"))).isEmpty();
  }
}
