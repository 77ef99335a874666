package dev.tandem.kernels.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PhiloxTest {
  @Test
  void givesTheKnownAnswers() {
    // Random123's known-answer vectors of philox4x32-10.
    assertWords(0, 0, 0x6627e8d5e169c58dL, 0xbc57ac4c9b00dbd8L);
    assertWords(-1, -1, 0x408f276d41c83b0eL, 0xa20bc7c66d5451fdL);
    long first =
        Philox.words01(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0);
    long last =
        Philox.words23(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0);
    assertThat(Long.toHexString(swapped(first))).isEqualTo("d16cfe0994fdcceb");
    assertThat(Long.toHexString(swapped(last))).isEqualTo("5001e42024126ea1");
  }

  private static void assertWords(int counter, int key, long words01, long words23) {
    assertThat(swapped(Philox.words01(counter, counter, counter, counter, key, key)))
        .isEqualTo(words01);
    assertThat(swapped(Philox.words23(counter, counter, counter, counter, key, key)))
        .isEqualTo(words23);
  }

  /** The vectors name the lower word first. */
  private static long swapped(long words) {
    return Long.rotateLeft(words, Integer.SIZE);
  }

  @Test
  void numbersLieInTheirIntervalsAndFillThem() {
    double[] uniforms = IntStream.range(0, 10_000).mapToDouble(i -> Philox.uniform(7, i)).toArray();
    assertThat(Arrays.stream(uniforms).allMatch(u -> u >= 0 && u < 1)).isTrue();
    assertThat(
            IntStream.range(0, 10_000)
                .mapToDouble(i -> Philox.openUniform(7, 1, i))
                .allMatch(u -> u > 0 && u < 1))
        .isTrue();
    int[] bins = new int[10];
    for (double uniform : uniforms) {
      bins[(int) (10 * uniform)]++;
    }
    double chiSquare = 0;
    for (int bin : bins) {
      chiSquare += (bin - 1000.0) * (bin - 1000.0) / 1000;
    }
    // The 99.9% point with 9 degrees of freedom.
    assertThat(chiSquare).isLessThan(27.9);
  }

  @Test
  void seedsPositionsAndStreamsAreApart() {
    assertThat(
            new long[] {
              Philox.word(1, 2, 0, 0, 0),
              Philox.word(2, 2, 0, 0, 0),
              Philox.word(1L << 32, 2, 0, 0, 0),
              Philox.word(1, 3, 0, 0, 0),
              Philox.word(1, 2L << 32, 0, 0, 0),
              Philox.word(1, 2, 1, 0, 0),
              Philox.word(1, 2, 0, 1, 0),
              Philox.word(1, 2, 0, 0, 1)
            })
        .doesNotHaveDuplicates();
  }
}
