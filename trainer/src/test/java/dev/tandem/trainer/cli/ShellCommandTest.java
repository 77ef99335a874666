package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ShellCommandTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "train a.yaml --out runs/a|train a.yaml --out runs/a --resume",
        "train a.yaml --resume --json|train a.yaml --json --resume",
        "train a.yaml --resume --from-round 3|train a.yaml --resume",
        "train a.yaml --from-round=3 --resume --out b|train a.yaml --out b --resume",
        "train it's.yaml --set rounds=2|train 'it'\\''s.yaml' --set rounds=2 --resume",
        "train a.yaml --set model={width:32}|train a.yaml --set 'model={width:32}' --resume",
      })
  void goesOnWithWhatACommandBegan(String given, String resumed) {
    assertThat(ShellCommand.resuming(List.of(given.split(" ")))).isEqualTo("tandem " + resumed);
  }

  @Test
  void quotesWhatAShellWouldChange() {
    assertThat(ShellCommand.resuming(List.of("a b", "", "$HOME", "~/x")))
        .isEqualTo("tandem 'a b' '' '$HOME' '~/x' --resume");
  }
}
