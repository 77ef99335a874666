package dev.tandem.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class WithoutLineTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final WithoutLine stream = new WithoutLine(written, "WARNING: this");

  @Test
  void leavesOneLineOutAndNothingElse() throws IOException {
    write("a\nWARNING: this\nWARNING: that\nWARNING: this too\n\nxWARNING: this\nWARNING");
    assertThat(written.toString(StandardCharsets.UTF_8))
        .isEqualTo("a\nWARNING: that\nWARNING: this too\n\nxWARNING: this\n");
    write(": the\n");
    assertThat(written.toString(StandardCharsets.UTF_8)).endsWith("this\nWARNING: the\n");
  }

  @Test
  void passesOnWhatCannotBecomeTheLine() throws IOException {
    write("Iteration 1: ");
    assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo("Iteration 1: ");
  }

  private void write(String text) throws IOException {
    stream.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
