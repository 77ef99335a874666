package dev.tandem.aegis.evolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.TestEpisodes;
import dev.tandem.aegis.TestFailures;
import dev.tandem.aegis.TestRegistry;
import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.digest.Digester;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.plan.EditSpace;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.aegis.plan.Planner;
import dev.tandem.aegis.plan.Reputations;
import dev.tandem.aegis.plan.TriedEdit;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.Trajectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SymbolicMetaAgentTest {
  private static final EditSpace SPACE = new EditSpace(TestRegistry.REGISTRY, RedLines.NONE);
  private static final MetaAgent AGENT =
      new SymbolicMetaAgent(SPACE, new ManifestWriter(TestRegistry.REGISTRY));
  private static final HarnessEdit INSERT_GUARD = new HarnessEdit.Insert(ProcessorSpec.of("guard"));

  /** Some tasks fail by repetition, others by redundant search. */
  private static Landscape landscape(int repeating, int searching) {
    List<Trajectory> traces = new ArrayList<>();
    for (int i = 0; i < repeating + searching; i++) {
      traces.add(
          TestEpisodes.episode(
              "e" + i,
              TestEpisodes.task(Split.TRAIN, "place", i),
              "h",
              false,
              TestFailures.steps(i < repeating ? TestFailures.LOOP : TestFailures.SEARCH)));
    }
    Digest digest =
        new Digester(TestRegistry.REGISTRY, new TestFailures())
            .digest(TestRegistry.BARE, traces, Map.of());
    return new Planner(SPACE).plan(digest, TestRegistry.BARE, List.of());
  }

  private static MetaAgent.Brief brief(
      int round, HarnessConfig incumbent, List<TriedEdit> tried, int exploratory, long seed) {
    return new MetaAgent.Brief(round, incumbent, Reputations.NONE, tried, 4, exploratory, 3, seed);
  }

  private static TriedEdit tried(HarnessEdit edit, TriedEdit.Fate fate, double addressed) {
    return new TriedEdit(edit, 1, fate, List.of(FailureCategory.REPEATED_ACTION), addressed, 0, 0);
  }

  @Test
  void proposesTheProcessorThatAddressesTheDominatingFailureFirst() {
    Landscape landscape = landscape(9, 1);
    int first = 0;
    for (int seed = 0; seed < 50; seed++) {
      List<Candidate> candidates =
          AGENT.propose(landscape, brief(1, TestRegistry.BARE, List.of(), 0, seed));
      assertThat(candidates).extracting(Candidate::edit).contains(INSERT_GUARD);
      first += candidates.getFirst().edit().equals(INSERT_GUARD) ? 1 : 0;
    }

    assertThat(first).isGreaterThan(40);
  }

  @Test
  void claimsInTheManifestWhatTheDigestShows() {
    Candidate candidate =
        AGENT.propose(landscape(3, 0), brief(7, TestRegistry.BARE, List.of(), 0, 1)).getFirst();

    assertThat(candidate.id()).isEqualTo("r0007-1");
    assertThat(candidate.manifest().predictedUnlock())
        .containsExactly("test/0", "test/1", "test/2");
    assertThat(candidate.manifest().evidence()).isNotEmpty();
    assertThat(candidate.manifest().changes()).containsExactly("added guard at position 2");
    assertThat(candidate.manifest().signature()).isEqualTo(new Signature("guard", true));
    assertThat(candidate.config())
        .isEqualTo(TestRegistry.BARE.apply(INSERT_GUARD, TestRegistry.REGISTRY));
  }

  @Test
  void doesNotProposeARejectedEditAgainBeforeItHasRested() {
    TriedEdit rejected = tried(INSERT_GUARD, TriedEdit.Fate.REJECTED, 4);

    assertThat(families(brief(3, TestRegistry.BARE, List.of(rejected), 0, 1), landscape(4, 4)))
        .doesNotContain("insert guard");
    assertThat(families(brief(4, TestRegistry.BARE, List.of(rejected), 0, 1), landscape(4, 4)))
        .contains("insert guard");
  }

  @Test
  void proposesItSoonerWhenTheEvidenceHasDoubled() {
    TriedEdit rejected = tried(INSERT_GUARD, TriedEdit.Fate.REJECTED, 2);

    assertThat(families(brief(2, TestRegistry.BARE, List.of(rejected), 0, 1), landscape(6, 0)))
        .contains("insert guard");
  }

  @Test
  void neverProposesAQuarantinedEditAgain() {
    TriedEdit quarantined = tried(INSERT_GUARD, TriedEdit.Fate.QUARANTINED, 1);

    assertThat(families(brief(99, TestRegistry.BARE, List.of(quarantined), 0, 1), landscape(9, 0)))
        .doesNotContain("insert guard");
  }

  @Test
  void keepsAPlaceForStructuresNobodyHasTried() {
    for (int seed = 0; seed < 20; seed++) {
      Candidate first =
          AGENT
              .propose(landscape(5, 0), brief(1, TestRegistry.BARE, List.of(), 1, seed))
              .getFirst();
      assertThat(first.exploratory()).isTrue();
      assertThat(first.family().kind().structural()).isTrue();
    }
  }

  @Test
  void doesNotTakeOutWhatHasJustBeenPutIn() {
    HarnessConfig guarded = TestRegistry.BARE.apply(INSERT_GUARD, TestRegistry.REGISTRY);
    TriedEdit shipped = tried(INSERT_GUARD, TriedEdit.Fate.SHIPPED, 4);
    for (int seed = 0; seed < 20; seed++) {
      MetaAgent.Brief brief =
          new MetaAgent.Brief(2, guarded, Reputations.NONE, List.of(shipped), 9, 9, 3, seed);
      assertThat(families(brief, landscape(1, 1))).doesNotContain("remove guard");
    }
  }

  @Test
  void proposesTheSameForTheSameSeed() {
    MetaAgent.Brief brief = brief(1, TestRegistry.BARE, List.of(), 1, 42);

    assertThat(AGENT.propose(landscape(3, 3), brief))
        .isEqualTo(AGENT.propose(landscape(3, 3), brief));
  }

  private static List<String> families(MetaAgent.Brief brief, Landscape landscape) {
    return AGENT.propose(landscape, brief).stream()
        .map(candidate -> candidate.family().name())
        .toList();
  }

  @Test
  void turnsEveryParameterWithinItsRange() {
    HarnessConfig harness =
        HarnessConfig.of(ProcessorSpec.of("searched"), ProcessorSpec.of("terse_renderer"));

    assertThat(SPACE.options(harness))
        .extracting(EditSpace.Option::edit)
        .containsExactly(
            new HarnessEdit.Replace(ProcessorSpec.of("renderer")),
            new HarnessEdit.Remove("terse_renderer"),
            INSERT_GUARD,
            new HarnessEdit.Configure("searched", "show", "new"),
            new HarnessEdit.Configure("searched", "limit", 2),
            new HarnessEdit.Configure("searched", "limit", 6),
            new HarnessEdit.Configure("searched", "sorted", true),
            new HarnessEdit.Remove("searched"),
            new HarnessEdit.Insert(ProcessorSpec.of("sightings")));
  }

  @Test
  void leavesOutWhatARedLineForbids() {
    RedLines lines =
        RedLines.parse("{forbidden_types: [guard], forbidden_parameters: [searched.limit]}");

    assertThat(
            new EditSpace(TestRegistry.REGISTRY, lines)
                .options(HarnessConfig.of(ProcessorSpec.of("searched"))))
        .extracting(option -> option.edit().toString())
        .noneMatch(edit -> edit.contains("guard") || edit.contains("limit"));
  }
}
