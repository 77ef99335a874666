package dev.tandem.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.run.Episode;
import java.util.Locale;
import org.junit.jupiter.api.Test;

final class RunLoopBenchmarkTest {
  @Test
  void runsEveryStepUnderEveryProcessor() {
    Episode episode = new RunLoopBenchmark().tenProcessors();
    assertThat(episode.steps()).hasSize(50).allMatch(step -> step.executed());
    assertThat(episode.turns()).hasSize(50).noneMatch(turn -> turn.discarded());
    String prompt = episode.turns().get(30).messages().getLast().content();
    assertThat(prompt.toLowerCase(Locale.ROOT))
        .contains("shelf 31", "seen", "mug 30", "unsearched");
  }
}
