package dev.tandem.trainer.recipe.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpellingTest {
  @ParameterizedTest
  @CsvSource({"a,a,0", "ab,ba,1", "seed,sed,1", "kitten,sitting,3", "'',abc,3", "abc,'',3"})
  void countsTheSlipsBetweenTwoWords(String left, String right, int distance) {
    assertThat(Spelling.distance(left, right)).isEqualTo(distance);
  }

  @Test
  void suggestsNothingWhenNothingIsNear() {
    assertThat(Spelling.nearest("banana", List.of("seed", "learning"))).isEmpty();
    assertThat(Spelling.nearest("learnign", List.of("seed", "learning"))).contains("learning");
  }
}
