package dev.tandem.trainer.model.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TokenTreeTest {

  @Test
  void aTokenBehindTheSameTokensIsTheSame() {
    TokenTree tree = new TokenTree();
    assertThat(tree.add(new int[] {5, 6, 7})).containsExactly(0, 1, 2);
    assertThat(tree.add(new int[] {5, 6, 8, 7})).containsExactly(0, 1, 3, 4);
    assertThat(tree.add(new int[] {6, 7})).containsExactly(5, 6);
    assertThat(tree.add(new int[] {5, 6, 8})).containsExactly(0, 1, 3);
    assertThat(tree.size()).isEqualTo(7);
  }

  /** Rows 0, 3 and 5 begin alike, the last two longest; so do 1 and 4; 2 stands alone. */
  @Test
  void walksFromTheLongestToWhatHasMostInCommonWithIt() {
    List<int[]> rows =
        List.of(
            new int[] {1, 2, 9},
            new int[] {3, 3},
            new int[] {4, 4, 4, 4},
            new int[] {1, 2, 3, 4},
            new int[] {3, 3, 1},
            new int[] {1, 2, 3, 5, 6});
    assertThat(TokenTree.walk(rows, IntStream.range(0, 6).toArray()))
        .containsExactly(5, 3, 0, 2, 4, 1);
  }

  @Test
  void equalRowsKeepTheirOrder() {
    List<int[]> rows = List.of(new int[] {1, 2}, new int[] {1}, new int[] {1, 2}, new int[] {1});
    assertThat(TokenTree.walk(rows, new int[] {3, 2, 1, 0})).containsExactly(2, 0, 3, 1);
    assertThat(TokenTree.walk(rows, new int[0])).isEmpty();
  }
}
