package dev.tandem.trainer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.trainer.model.Fixtures;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class TextStreamTest {
  private static List<String> pieces(TextTokenizer tokenizer, int[] ids) {
    TextStream stream = tokenizer.stream();
    List<String> pieces = new ArrayList<>();
    for (int id : ids) {
      pieces.add(stream.add(id));
    }
    pieces.add(stream.finish());
    return pieces;
  }

  @Test
  void holdsACharacterBackUntilItsLastByte() {
    try (TextTokenizer tokenizer = TextTokenizer.load(Fixtures.checkpoint("qwen3-tied"))) {
      int[] ids = tokenizer.encode("\uD83D\uDE00!");
      assertThat(ids).hasSize(5);
      assertThat(pieces(tokenizer, ids)).containsExactly("", "", "", "\uD83D\uDE00", "!", "");
    }
  }

  @Test
  void givesAnUnfinishedCharacterOutAtTheEnd() {
    try (TextTokenizer tokenizer = TextTokenizer.load(Fixtures.checkpoint("qwen3-tied"))) {
      int[] ids = {tokenizer.encode("a")[0], tokenizer.encode("\uD83D\uDE00")[0]};
      assertThat(pieces(tokenizer, ids)).containsExactly("a", "", "\uFFFD");
      TextStream stream = tokenizer.stream();
      assertThat(stream.add(ids[1]) + stream.finish() + stream.add(ids[0])).isEqualTo("\uFFFDa");
    }
  }

  @Test
  void itsPiecesAreTheTextOfAllTokens() {
    SplittableRandom random = new SplittableRandom(3);
    try (TextTokenizer tokenizer = TextTokenizer.load(Fixtures.checkpoint("llama-gqa"))) {
      for (int trial = 0; trial < 200; trial++) {
        int[] ids = random.ints(random.nextInt(40), 0, tokenizer.vocabularySize() + 5).toArray();
        assertThat(String.join("", pieces(tokenizer, ids))).isEqualTo(tokenizer.text(ids));
      }
    }
  }

  @Test
  void putsBlanksBetweenWords() {
    TextTokenizer words = WordLevelTokenizer.of(List.of("<|end|>"), List.of("go", "to", "bed"));
    assertThat(pieces(words, words.encode("go to bed <|end|>")))
        .containsExactly("go", " to", " bed", " <|end|>", "");
  }
}
