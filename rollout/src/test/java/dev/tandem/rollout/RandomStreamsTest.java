package dev.tandem.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RandomStreamsTest {
  @Test
  void oneNameIsOneStream() {
    assertThat(RandomStreams.derive(7, "rollout", 3, 1))
        .isEqualTo(RandomStreams.derive(7, "rollout", 3, 1));
    assertThat(RandomStreams.stream(7, "tasks", 2).longs(20))
        .containsExactlyElementsOf(RandomStreams.stream(7, "tasks", 2).longs(20).boxed().toList());
    assertThat(RandomStreams.stream(7, "tasks", 2).nextLong())
        .isEqualTo(new java.util.SplittableRandom(RandomStreams.derive(7, "tasks", 2)).nextLong());
  }

  @Test
  void seedNameAndIndicesEachMakeAnotherStream() {
    Set<Long> seeds = new HashSet<>();
    int derived = 0;
    for (long seed = 0; seed < 5; seed++) {
      for (String name : new String[] {"", "a", "b", "ab", "ba", "rollout", "rehearsal"}) {
        seeds.add(RandomStreams.derive(seed, name));
        derived++;
        for (long index = 0; index < 20; index++) {
          seeds.add(RandomStreams.derive(seed, name, index));
          seeds.add(RandomStreams.derive(seed, name, index, 0));
          seeds.add(RandomStreams.derive(seed, name, 0, index + 1));
          derived += 3;
        }
      }
    }
    assertThat(seeds).hasSize(derived);
  }

  @Test
  void theOrderOfIndicesMatters() {
    assertThat(RandomStreams.derive(1, "records", 2, 3))
        .isNotEqualTo(RandomStreams.derive(1, "records", 3, 2));
  }

  @Test
  void neighbouringSeedsDifferInAboutHalfTheirBits() {
    int bits = 0;
    for (long index = 0; index < 1000; index++) {
      bits +=
          Long.bitCount(
              RandomStreams.derive(1, "rollout", index)
                  ^ RandomStreams.derive(1, "rollout", index + 1));
    }
    assertThat(bits / 1000.0).isBetween(31.0, 33.0);
  }
}
