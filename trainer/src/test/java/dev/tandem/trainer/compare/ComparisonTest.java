package dev.tandem.trainer.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.trainer.recipe.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ComparisonTest {
  private static final String PLAN =
      """
      recipe: house.yaml
      seeds: [4, 2]
      reference: both
      set: {rounds: 9, evaluation.every: 3}
      conditions:
        tried: {attempts: 3}
        one: {set: {mode: harness, rounds: 5}}
        both: {}
      harnesses: {other: other.yaml}
      """;

  @TempDir private Path folder;

  private ComparisonPlan plan(String text) throws IOException {
    return ComparisonPlan.load(Files.writeString(folder.resolve("plan.yaml"), text), List.of());
  }

  private static Outcome outcome(String condition, long seed, String own, String initial) {
    return new Outcome(
        condition,
        seed,
        3,
        1000 * seed,
        10,
        Map.of(
            Outcome.OWN, ContrastTest.solved(own), Outcome.INITIAL, ContrastTest.solved(initial)));
  }

  @Test
  void aCellsOptionsAreThePlansThenTheSeedThenItsOwn() throws IOException {
    ComparisonPlan plan = plan(PLAN);
    assertThat(plan.cells())
        .extracting(Cell::name)
        .containsExactly("tried/4", "one/4", "both/4", "tried/2", "one/2", "both/2");
    assertThat(plan.options(new Cell("one", 2)))
        .containsExactly(
            "rounds=9", "evaluation.every=3", "seed=2", "mode=\"harness\"", "rounds=5");
    assertThat(plan.condition(new Cell("tried", 4)).tries()).isEqualTo(3);
    assertThat(plan.condition(new Cell("both", 4)).tries()).isEqualTo(1);
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    assertThatThrownBy(() -> plan(PLAN.replace("reference: both", "reference: bot")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("reference 'bot' is no condition; there are tried, one, both");
    assertThatThrownBy(() -> plan(PLAN.replace("[4, 2]", "[4, 4]")))
        .hasMessageContaining("seeds must differ, were [4, 4]");
    assertThatThrownBy(() -> plan(PLAN.replace("attempts: 3", "attempts: 1")))
        .hasMessageContaining("attempts must be at least 2, was 1: leave it out for one");
    assertThatThrownBy(() -> plan(PLAN.replace("other: other.yaml", "own: other.yaml")))
        .hasMessageContaining("harnesses own is measured anyway");
    assertThatThrownBy(() -> plan(PLAN.replace("recipe: house.yaml\n", "")))
        .hasMessageContaining("recipe is missing: name a recipe file");
    assertThatThrownBy(() -> plan(PLAN.replace("one: {set", "One-of: {set")))
        .hasMessageContaining("conditions One-of: a name is made of a to z, 0 to 9 and _");
  }

  @Test
  void aRowNamesItsWorstSeedAndAContrastTakesTheSeedsThatBothHave() throws IOException {
    Comparison comparison =
        Comparison.of(
            plan(PLAN),
            List.of(
                outcome("both", 2, "1111", "1000"),
                outcome("one", 4, "1100", "1100"),
                outcome("both", 4, "1110", "0000")));
    assertThat(comparison.rows()).extracting(Comparison.Row::condition).contains("one", "both");
    Comparison.Row both = comparison.rows().getLast();
    assertThat(both.seeds()).containsExactly(4L, 2L);
    assertThat(both.sealed().get(Outcome.OWN))
        .isEqualTo(new Comparison.Spread(0.875, 0.75, 4, List.of(0.75, 1.0)));
    assertThat(both.episodes()).isEqualTo(3000);
    assertThat(comparison.contrasts()).hasSize(1);
    Contrast contrast = comparison.contrasts().getFirst();
    assertThat(contrast.against()).isEqualTo("one");
    assertThat(contrast.pairs()).extracting(Contrast.Pair::seed).containsExactly(4L);
    assertThat(contrast.difference()).isEqualTo(0.25);
    assertThat(comparison.missing()).containsExactly("tried/4", "tried/2", "one/2");
  }

  @Test
  void theTableShowsARowAConditionAndALineAContrast() throws IOException {
    Comparison comparison =
        Comparison.of(
            plan(PLAN),
            List.of(
                outcome("one", 4, "1100", "1100"),
                outcome("both", 2, "1111", "1000"),
                outcome("both", 4, "1110", "0000")));
    assertThat(ComparisonTable.lines(comparison))
        .containsExactly(
            "condition  sealed  worst seed  under initial  under other  episodes  time",
            "one         50.0%   50.0% (4)          50.0%            -     4,000  10 s",
            "both        87.5%   75.0% (4)          12.5%            -     3,000  10 s",
            "",
            "both against  points  by seed  95% for a new seed  95% for new tasks  p by seed",
            "one            +25.0    +25.0                   -     [-17.4, +67.4]     1.0000",
            "",
            "not there yet: tried/4, tried/2, one/2");
  }
}
