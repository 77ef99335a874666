package dev.tandem.aegis.evolve;

import static dev.tandem.aegis.TestRegistry.BARE;
import static dev.tandem.aegis.TestRegistry.REGISTRY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class LeverSpaceTest {
  private static final HarnessConfig RICH =
      HarnessConfig.of(ProcessorSpec.of("renderer"), ProcessorSpec.of("searched").with("limit", 2));

  private static LeverSpace space(HarnessConfig start) {
    return new LeverSpace(start, REGISTRY, RedLines.NONE, Set.of(), List.of());
  }

  private static Assignment assignment(Map<String, String> levels) {
    return new Assignment(new TreeMap<>(levels));
  }

  private static HarnessConfig harness(LeverSpace space, Map<String, String> levels) {
    return space.harness(assignment(levels)).orElseThrow();
  }

  @Test
  void groupsAreFactorsWithALevelForEveryTypeAndVariant() {
    assertThat(space(BARE).factors())
        .containsExactly(
            new Factor("renderer", List.of("renderer", "absent", "terse_renderer")),
            new Factor("guard", List.of("absent", "guard")),
            new Factor(
                "searched",
                List.of(
                    "absent",
                    "searched",
                    "searched(show=new)",
                    "searched(limit=2)",
                    "searched(limit=6)",
                    "searched(sorted=true)")),
            new Factor("sightings", List.of("absent", "sightings")));
  }

  @Test
  void parametersOfWhatWasThereFromTheBeginningAreFactorsOfTheirOwn() {
    assertThat(space(RICH).factors())
        .contains(
            new Factor("searched.show", List.of("all", "new")),
            new Factor("searched.limit", List.of("2", "1", "4")),
            new Factor("searched.sorted", List.of("false", "true")),
            new Factor("searched", List.of("searched", "absent")));
  }

  @Test
  void theReferenceIsTheFirstHarness() {
    assertThat(space(RICH).harness(Assignment.REFERENCE)).contains(RICH);
  }

  @Test
  void settingsOfSeveralFactorsGoIntoOneHarness() {
    HarnessConfig both =
        harness(space(BARE), Map.of("renderer", "terse_renderer", "searched", "searched(limit=6)"));
    assertThat(both.processors())
        .containsExactlyInAnyOrder(
            ProcessorSpec.of("terse_renderer"), ProcessorSpec.of("searched").with("limit", 6));
    assertThat(
            harness(space(RICH), Map.of("searched.limit", "4", "searched.sorted", "true"))
                .processors())
        .contains(ProcessorSpec.of("searched").with("limit", 4).with("sorted", true));
  }

  @Test
  void everySingleLevelIsAnotherHarness() {
    for (LeverSpace space : List.of(space(BARE), space(RICH))) {
      Set<String> hashes = new HashSet<>();
      int levels = 1;
      hashes.add(space.harness(Assignment.REFERENCE).orElseThrow().hash(REGISTRY));
      for (Factor factor : space.factors()) {
        for (String level : factor.levels().subList(1, factor.levels().size())) {
          hashes.add(harness(space, Map.of(factor.id(), level)).hash(REGISTRY));
          levels++;
        }
      }
      assertThat(hashes).hasSize(levels);
    }
  }

  @Test
  void aParameterOfWhatIsAwayChangesNothing() {
    assertThat(harness(space(RICH), Map.of("searched", "absent", "searched.limit", "4")))
        .isEqualTo(harness(space(RICH), Map.of("searched", "absent")));
  }

  @Test
  void redLinesAreNoLevels() {
    RedLines lines = RedLines.parse("{forbidden_types: [guard], protected_types: [renderer]}");
    List<Factor> factors = new LeverSpace(BARE, REGISTRY, lines, Set.of(), List.of()).factors();
    assertThat(factors).extracting(Factor::id).doesNotContain("guard", "renderer");
    assertThat(factors).extracting(Factor::id).contains("searched");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> space(BARE).harness(assignment(Map.of("gard", "guard"))))
        .hasMessageContaining("no factors [gard]");
    assertThatThrownBy(() -> space(BARE).harness(assignment(Map.of("guard", "loud"))))
        .hasMessageContaining("factor guard has the levels [absent, guard], not 'loud'");
  }
}
