package dev.tandem.rollout.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.TrajectoryText;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that is killed while it writes loses at most the round it was writing. */
final class KilledWriterTest {
  @TempDir private Path run;

  /** Writes rounds without end, and says so after each. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) {
      try (TraceStore store = TraceStore.open(Path.of(arguments[0]))) {
        for (int round = 1; ; round++) {
          store.write(
              SegmentName.of(round, Phase.TRAIN),
              List.of(episode(round)),
              List.of(),
              one -> Set.of());
          System.out.println(round);
        }
      }
    }
  }

  private static Trajectory episode(int round) {
    return LongEpisodes.played("r%04d-0".formatted(round), round, 5 + round % 40, round);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 30})
  void everyRoundItHadFinishedIsThere(int rounds) throws IOException, InterruptedException {
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path", ""),
                Writer.class.getName(),
                run.toString())
            .redirectError(new File("/dev/null"))
            .start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
      for (int round = 1; round <= rounds; round++) {
        assertThat(said.readLine()).isEqualTo(Integer.toString(round));
      }
    } finally {
      writer.destroyForcibly();
    }
    assertThat(writer.waitFor(1, TimeUnit.MINUTES)).isTrue();

    try (TraceStore store = TraceStore.open(run)) {
      assertThat(store.damage()).isEmpty();
      List<TraceRow> rows = store.find(TraceQuery.ALL);
      assertThat(rows).hasSizeGreaterThanOrEqualTo(rounds);
      for (TraceRow row : rows) {
        assertThat(store.read(row.round()))
            .extracting(TrajectoryText::of)
            .containsExactly(TrajectoryText.of(episode(row.round())));
      }
      store.truncateAfter(rounds);
      assertThat(run.resolve("traces").toFile().list()).hasSize(rounds);
    }
  }
}
