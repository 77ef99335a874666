package dev.tandem.benchmarks.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.rollout.Trajectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HouseBenchmarkTest {
  private static final int EPISODES = 16;

  @TempDir private Path cache;

  @BeforeEach
  void keepThePolicyHere() {
    System.setProperty(HouseBenchmark.CACHE_PROPERTY, cache.toString());
  }

  @AfterEach
  void forgetTheFolder() {
    System.clearProperty(HouseBenchmark.CACHE_PROPERTY);
  }

  @Test
  void playsTheSameEpisodesWithAndWithoutTheModel() throws IOException {
    HouseBenchmark benchmark = new HouseBenchmark();
    benchmark.harness = HouseHarness.NOTES;
    benchmark.episodes = EPISODES;
    benchmark.open(/* expertEpisodes= */ 60);
    try {
      HouseBenchmark.Counters counters = new HouseBenchmark.Counters();
      HouseBenchmark.Share share = new HouseBenchmark.Share();
      List<Trajectory> played = benchmark.rollouts(counters, share);
      assertThat(counters.episodes).isEqualTo(EPISODES);
      assertThat(counters.actions).isGreaterThan(EPISODES);
      assertThat(share.environmentSeconds).isPositive();

      HouseBenchmark.Recording recording = new HouseBenchmark.Recording();
      recording.record(benchmark);
      List<Trajectory> replayed = benchmark.environmentAlone(recording, counters);
      assertThat(replayed).hasSameSizeAs(played);
      assertThat(IntStream.range(0, EPISODES))
          .allSatisfy(
              i -> {
                assertThat(replayed.get(i).verdict()).isEqualTo(played.get(i).verdict());
                assertThat(replayed.get(i).episode().steps())
                    .isEqualTo(played.get(i).episode().steps());
              });
    } finally {
      benchmark.close();
    }
    assertThat(cache.resolve("policy")).isNotEmptyDirectory();
  }

  @Test
  void beginsWithTheHarnessOfTheMainRecipe() throws IOException {
    JsonNode recipe = new YAMLMapper().readTree(Path.of("../configs/house.yaml").toFile());
    ProcessorRegistry registry = House.registry();
    assertThat(HouseHarness.BARE.config().hash(registry))
        .isEqualTo(
            HarnessConfig.parse(recipe.get("harness").toString(), "house.yaml", registry)
                .hash(registry));
  }
}
