package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConsoleTest {
  record Evaluation(double success, int peakRssMb, List<Double> perRound) {}

  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(text, true, StandardCharsets.UTF_8);
  private Instant now = Instant.EPOCH;

  private final HandTimer timer = new HandTimer();

  @Test
  void printsRecordsAsOneLineWithSnakeCaseKeysAndNoNumberThatJsonCannotHold() {
    new Console(stream, System.err, false)
        .json(new Evaluation(Double.NaN, 512, List.of(0.5, Double.POSITIVE_INFINITY)));
    assertThat(text())
        .isEqualTo("{\"success\":null,\"peak_rss_mb\":512,\"per_round\":[0.5,null]}\n");
  }

  @Test
  void printsALineEveryTenSecondsWhereThereIsNoTerminal() {
    Progress progress =
        new ProgressInLines(stream, "round 1 of 2", 400, "episodes", () -> now, timer);
    try (progress) {
      assertThat(timer.interval).isEqualTo(Duration.ofSeconds(10));
      progress.advance(60);
      assertThat(text()).isEmpty();
      progress.detail("success 43.2%");
      pass(Duration.ofSeconds(40));
      progress.advance(40);
      timer.strike();
      assertThat(text())
          .isEqualTo(
              "round 1 of 2: 100 of 400 episodes, 2.5/s, 40 s, 2 min 00 s left, success 43.2%\n");
      pass(Duration.ofSeconds(20));
      progress.advance(300);
    }
    assertThat(timer.stopped).isTrue();
    assertThat(text()).endsWith("\nround 1 of 2: 400 episodes in 1 min 00 s\n");
  }

  @Test
  void speaksOfAUnitThatIsSlow() {
    try (Progress progress =
        new ProgressInLines(stream, "training", 20, "steps", () -> now, timer)) {
      pass(Duration.ofSeconds(10));
      timer.strike();
      pass(Duration.ofSeconds(10));
      progress.advance(1);
      timer.strike();
    }
    assertThat(text().lines())
        .startsWith(
            "training: 0 of 20 steps, 10 s, time left not known yet",
            "training: 1 of 20 steps, 3.0/min, 20 s, 6 min 20 s left");
  }

  @Test
  void saysNothingOfWorkThatIsDoneAtOnce() {
    Progress progress = new ProgressInLines(stream, "load", 2, "shards", () -> now, timer);
    progress.advance(2);
    progress.close();
    assertThat(text()).isEmpty();
  }

  @Test
  void drawsABarOnATerminal() {
    try (Progress progress =
        new ProgressBarOnTerminal(stream, 90, "warm start", 970, "steps", () -> now, timer)) {
      assertThat(text())
          .isEqualTo(
              "\rwarm start   0% [                    ] 0/970 steps, 0 s, time left not known yet");
      pass(Duration.ofSeconds(10));
      progress.advance(485);
      progress.detail("loss 2.302");
      timer.strike();
      timer.strike(); // nothing new, nothing drawn
    }
    assertThat(text().lines().toList().getLast())
        .isEqualTo(
            "warm start  50% [==========          ] 485/970 steps, 48.5/s, 10 s, 10 s left, loss"
                + " 2.302");
    assertThat(text()).endsWith("\n");
    assertThat(text().lines()).allMatch(frame -> frame.length() < 90);
  }

  @Test
  void drawsNoFrameThatIsWiderThanTheTerminal() {
    for (int columns = 20; columns < 120; columns++) {
      int before = text().length();
      try (Progress progress =
          new ProgressBarOnTerminal(
              stream, columns, "sealed evaluation", 500, "episodes", () -> now, timer)) {
        progress.detail("success 43.2%");
      }
      int widest = columns - 1;
      assertThat(text().substring(before).split("[\r\n]+")).allMatch(one -> one.length() <= widest);
    }
  }

  @Test
  void putsANoteAboveTheBar() {
    Console console = new Console(System.out, stream, 60, timer);
    try (Progress progress = console.progress("load", 2, "shards")) {
      int drawn = text().length() - 1;
      console.note("a remark");
      assertThat(text()).endsWith("\r" + " ".repeat(drawn) + "\ra remark\n");
      progress.advance(1);
      timer.strike();
      assertThat(text()).contains("\ra remark\n\rload  50% [");
    }
  }

  @Test
  void drawsOneBarAtATimeThatWhichWasBegunLast() {
    List<ProgressBarOnTerminal> open = new ArrayList<>();
    HandTimer other = new HandTimer();
    Progress rollouts = bar(open, "rollouts", other);
    Progress training = bar(open, "training", timer);
    String before = text();
    assertThat(before).matches("(?s)\\rrollouts   0% .*\\r +\\r\\rtraining   0% .*");
    rollouts.advance(1);
    other.strike();
    assertThat(text()).isEqualTo(before);
    training.close();
    other.strike();
    assertThat(text().lines().toList().getLast()).startsWith("rollouts  50%");
    Progress second = bar(open, "gate", timer);
    rollouts.close();
    assertThat(text()).matches("(?s).*\\rgate   0% [^\\r]*\\r +\\r\\rrollouts  50% [^\\r]*\n");
    timer.strike();
    assertThat(text().lines().toList().getLast()).startsWith("gate   0%");
    second.close();
    assertThat(open).isEmpty();
  }

  private Progress bar(List<ProgressBarOnTerminal> open, String what, Timer by) {
    return new ProgressBarOnTerminal(stream, open, 60, what, 2, "steps", () -> now, by);
  }

  /** A timer that strikes when the test says so. */
  private static final class HandTimer implements Timer {
    private Duration interval = Duration.ZERO;
    private Runnable action = () -> {};
    private boolean stopped;

    @Override
    public Runnable every(Duration newInterval, Runnable newAction) {
      interval = newInterval;
      action = newAction;
      return () -> stopped = true;
    }

    void strike() {
      action.run();
    }
  }

  private void pass(Duration duration) {
    now = now.plus(duration);
  }

  private String text() {
    return text.toString(StandardCharsets.UTF_8);
  }
}
