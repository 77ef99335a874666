package dev.tandem.rollout.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Trajectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An episode costs its length and not its square. */
final class SegmentSizeTest {
  @TempDir private Path folder;

  private double bytesPerStep(int steps) throws IOException {
    Path file = folder.resolve(steps + ".traces");
    Trajectory episode = LongEpisodes.played("r0001-00000", 1, steps, steps);
    TraceRow row = TraceRow.of(SegmentName.of(1, Phase.TRAIN), 0, episode, List.of());
    SegmentFile.write(file, List.of(new StoredEpisode.Judged(episode)), List.of(row));
    return Files.size(file) / (double) steps;
  }

  @Test
  void aStepTakesTheSameRoomInShortAndLongEpisodes() throws IOException {
    double[] sizes = {bytesPerStep(10), bytesPerStep(50), bytesPerStep(100), bytesPerStep(200)};
    for (double size : sizes) {
      assertThat(size).as("bytes a step at 10, 50, 100, 200 steps").isBetween(500.0, 3_000.0);
      assertThat(size / sizes[0]).isBetween(0.85, 1.15);
    }
  }
}
