package dev.tandem.trainer.model.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ChunkPlanTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 16, 207, 4098})
  void putsEveryRowIntoExactlyOneChunkThatFits(int rows) {
    SplittableRandom random = new SplittableRandom(rows);
    int[] lengths = IntStream.range(0, rows).map(_ -> 1 + random.nextInt(200)).toArray();
    List<int[]> chunks = ChunkPlan.padded(rows, i -> lengths[i], i -> i % 3 == 0, 1000, false);
    assertThat(chunks.stream().flatMapToInt(IntStream::of).sorted().toArray())
        .isEqualTo(IntStream.range(0, rows).toArray());
    for (int[] chunk : chunks) {
      int longest = IntStream.of(chunk).map(i -> lengths[i]).max().orElseThrow();
      assertThat(ChunkPlan.paddedLength(longest) * chunk.length).isLessThanOrEqualTo(1000);
      assertThat(IntStream.of(chunk).mapToObj(i -> i % 3 == 0).distinct()).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,4", "5,8", "8,8", "9,16", "17,24"})
  void keepsASingleRowSingleAndRoundsManyToFewSizes(int rows, int padded) {
    assertThat(ChunkPlan.paddedRows(rows)).isEqualTo(padded);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 16, 207, 1024})
  void countsWhatPackedRowsHaveInCommonOnce(int rows) {
    SplittableRandom random = new SplittableRandom(rows);
    List<int[]> prompts = Stream.generate(() -> ids(random, 150)).limit(40).toList();
    List<int[]> batch =
        IntStream.range(0, rows)
            .mapToObj(
                _ ->
                    IntStream.concat(
                            IntStream.of(prompts.get(random.nextInt(40))),
                            IntStream.of(ids(random, 1 + random.nextInt(50))))
                        .toArray())
            .toList();
    List<int[]> chunks = ChunkPlan.packed(batch, i -> i % 3 == 0, 1000, true);
    assertThat(chunks.stream().flatMapToInt(IntStream::of).sorted().toArray())
        .isEqualTo(IntStream.range(0, rows).toArray());
    long computed = 0;
    for (int[] chunk : chunks) {
      int tokens = TokenTree.size(IntStream.of(chunk).mapToObj(batch::get).toList());
      assertThat(tokens).isLessThanOrEqualTo(1000);
      assertThat(IntStream.of(chunk).mapToObj(i -> i % 3 == 0).distinct()).hasSize(1);
      computed += tokens;
    }
    if (rows >= 207) {
      assertThat(computed).isLessThan(batch.stream().mapToInt(row -> row.length).sum() / 2);
    }
  }

  private static int[] ids(SplittableRandom random, int length) {
    return IntStream.range(0, length).map(_ -> random.nextInt(1000)).toArray();
  }
}
