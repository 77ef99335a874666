package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConsoleTest {
  record Evaluation(double success, int peakRssMb, List<Double> perRound) {}

  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(text, true, StandardCharsets.UTF_8);
  private Instant now = Instant.EPOCH;

  @Test
  void printsRecordsAsOneLineWithSnakeCaseKeysAndNoNumberThatJsonCannotHold() {
    new Console(stream, System.err, false)
        .json(new Evaluation(Double.NaN, 512, List.of(0.5, Double.POSITIVE_INFINITY)));
    assertThat(text())
        .isEqualTo("{\"success\":null,\"peak_rss_mb\":512,\"per_round\":[0.5,null]}\n");
  }

  @Test
  void printsAPlainLineNowAndThenWhereThereIsNoTerminal() {
    ProgressInLines progress =
        new ProgressInLines(stream, "round 1 of 2", 400, "episodes", () -> now);
    try (progress) {
      pass(Duration.ofSeconds(10));
      progress.advance(60);
      assertThat(text()).isEmpty();
      progress.detail("success 43.2%");
      pass(Duration.ofSeconds(30));
      progress.advance(40);
      assertThat(text())
          .isEqualTo("round 1 of 2: 100 of 400 episodes, 2.5/s, 2 min 00 s left, success 43.2%\n");
      pass(Duration.ofSeconds(20));
      progress.advance(300);
    }
    assertThat(text()).endsWith("\nround 1 of 2: 400 episodes in 1 min 00 s\n");
  }

  @Test
  void saysNothingOfWorkThatIsDoneAtOnce() {
    Progress progress = new ProgressInLines(stream, "load", 2, "shards", () -> now);
    progress.advance(2);
    progress.close();
    assertThat(text()).isEmpty();
  }

  @Test
  void drawsABarOnATerminal() {
    try (Progress progress = new Console(System.out, stream, true).progress("load", 2, "shards")) {
      progress.advance(2);
    }
    assertThat(text()).contains("load").contains("100%").contains("2/2 shards");
  }

  private void pass(Duration duration) {
    now = now.plus(duration);
  }

  private String text() {
    return text.toString(StandardCharsets.UTF_8);
  }
}
