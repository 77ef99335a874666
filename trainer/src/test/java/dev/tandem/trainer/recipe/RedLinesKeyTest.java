package dev.tandem.trainer.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.recipe.yaml.ConfigException;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a recipe may say about red lines. */
final class RedLinesKeyTest {
  @TempDir private Path folder;

  private RunConfig load(String recipe, String... sets) throws IOException {
    Path file = Files.writeString(folder.resolve("recipe.yaml"), recipe);
    try (Recipe loaded = Recipe.load(file, List.of(sets))) {
      return loaded.config();
    }
  }

  @Test
  void areInTheRecipeOrInAFileAndAreWrittenOutInFull() throws IOException {
    Files.writeString(
        folder.resolve("lines.yaml"),
        """
        forbidden_types: [javascript]
        budgets: {history_window.turns: 8}
        """);
    RunConfig inline =
        load(
            """
            aegis:
              red_lines:
                forbidden_types: [javascript]
                budgets: {history_window.turns: 8}
            """);
    RunConfig named = load("aegis: {red_lines: lines.yaml}");

    assertThat(named.aegis()).isEqualTo(inline.aegis());
    assertThat(load("seed: 1", "aegis.red_lines=lines.yaml")).isEqualTo(inline);
    assertThat(inline.aegis().redLines())
        .isEqualTo(
            RedLines.parse("{forbidden_types: [javascript], budgets: {history_window.turns: 8}}"));
    assertThat(ConfigLoader.effective(named)).contains("forbidden_types:\n    - javascript");
    assertThat(load(ConfigLoader.effective(named))).isEqualTo(named);
    assertThat(load("seed: 1", "aegis.red_lines.forbidden_types=[javascript]").aegis().redLines())
        .isEqualTo(RedLines.parse("forbidden_types: [javascript]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{forbiden_types: [a]} | unknown key aegis.red_lines.forbiden_types; did you mean"
            + " aegis.red_lines.forbidden_types?",
        "{forbidden_types: javascript} | aegis.red_lines.forbidden_types must be a list, was"
            + " 'javascript'",
        "{forbidden_types: [javascrip]} | aegis.red_lines.forbidden_types: there is no processor"
            + " type 'javascrip': did you mean 'javascript'?",
        "{forbidden_parameters: [turns]} | aegis.red_lines.forbidden_parameters must be written as"
            + " type.parameter, one was 'turns'",
        "{protected_events: [end]} | aegis.red_lines.protected_events has 'end', which there is"
            + " not",
        "{budgets: {history_window.turns: many}} | aegis.red_lines.budgets.history_window.turns"
            + " must be a finite number, was 'many'",
        "absent.yaml | absent.yaml: does not exist; name a YAML file",
      })
  void areRefusedWithTheFullKey(String value, String complaint) {
    assertThatThrownBy(() -> load("aegis:\n  red_lines: " + value))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void areRefusedWithTheLineOfTheirOwnFile() throws IOException {
    Path lines =
        Files.writeString(
            folder.resolve("lines.yaml"), "protected_types: []\nforbidden_tipes: [a]\n");

    assertThatThrownBy(() -> load("aegis: {red_lines: lines.yaml}"))
        .hasMessageContaining("%s:2".formatted(lines))
        .hasMessageContaining("unknown key aegis.red_lines.forbidden_tipes");
  }
}
