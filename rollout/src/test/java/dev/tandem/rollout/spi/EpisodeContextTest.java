package dev.tandem.rollout.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.model.ModelRole;
import org.junit.jupiter.api.Test;

final class EpisodeContextTest {
  @Test
  void equalSeedsDrawTheSameAndStreamsOfOtherNamesDoNot() {
    long drawn = EpisodeContext.of(7).random("guests").nextLong();

    assertThat(EpisodeContext.of(7).random("guests").nextLong()).isEqualTo(drawn);
    assertThat(EpisodeContext.of(7).random("weather").nextLong()).isNotEqualTo(drawn);
    assertThat(EpisodeContext.of(8).random("guests").nextLong()).isNotEqualTo(drawn);
  }

  @Test
  void aModelThatTheRecipeDoesNotGiveIsAbsent() {
    assertThat(EpisodeContext.of(7).model(ModelRole.USER)).isEmpty();
  }
}
