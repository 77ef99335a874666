package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.aegis.gate.Simulation;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.oversight.AskFrom;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.oversight.WhenWaiting;
import dev.tandem.aegis.oversight.Word;
import dev.tandem.aegis.oversight.WordException;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.ProcessorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles that wait for a person's word. */
final class ApprovalTest {
  private static final Simulation.Chance TRUTH =
      (harness, category) ->
          0.35
              + (TestRegistry.has(harness, "guard") ? 0.25 : 0)
              - (TestRegistry.has(harness, "sightings") ? 0.2 : 0);

  @TempDir private Path folder;

  private TestLoop loop() {
    return TestLoop.of(folder.resolve("ledger"), TRUTH).with(ASKING);
  }

  private static final AegisSettings ASKING =
      AegisSettings.DEFAULTS.watched(RedLines.NONE, AskFrom.MEDIUM, WhenWaiting.GO_ON, null);

  private static Waiting bundle(AegisState state) {
    return Objects.requireNonNull(state.waiting());
  }

  private static Word word(AegisState state, boolean approved) {
    return new Word(
        bundle(state).id(),
        bundle(state).harness(),
        approved,
        "Ann",
        "2026-01-02T03:04:05Z",
        "seen");
  }

  @Test
  void waitsForAPersonAndShipsWhatIsApproved() throws IOException {
    AegisState waiting = loop().run(4).state();

    assertThat(waiting.incumbent()).isEqualTo(TestRegistry.BARE);
    assertThat(TestLoop.reread(waiting)).isEqualTo(waiting);
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      AegisResult heard = loop().aegis(ledger).hear(waiting, 5, word(waiting, true));

      assertThat(heard.decisions())
          .satisfiesExactly(
              one ->
                  assertThat(one.line()).endsWith("is approved by Ann, 2026-01-02T03:04:05Z: seen"),
              one -> assertThat(one).isInstanceOf(Decision.Shipped.class));
      assertThat(heard.next().waiting()).isNull();
      assertThat(heard.next().incumbent()).isEqualTo(bundle(waiting).config());
      assertThat(heard.next().shipments()).hasSize(1);
    }
  }

  @Test
  void neverPlaysAgainWhatAPersonRejects() throws IOException {
    AegisState waiting = loop().run(4).state();
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis = loop().aegis(ledger);

      AegisState after = aegis.hear(waiting, 5, word(waiting, false)).next();

      assertThat(after.waiting()).isNull();
      assertThat(bundle(waiting).bundle().levers()).contains(new Lever("guard", "guard"));
      assertThat(new TestRounds(TRUTH, 7).plan(aegis, after, 900).harnesses())
          .noneMatch(harness -> TestRegistry.has(harness, "guard"));
    }
  }

  @Test
  void appliesAnApprovedBundleToTheIncumbentOfTheDay() throws IOException {
    AegisState waiting = loop().run(4).state();
    HarnessConfig other =
        HarnessConfig.of(ProcessorSpec.of("renderer"), ProcessorSpec.of("sightings"));
    AegisState moved =
        waiting.under(
            Assignment.REFERENCE.with(
                new Factor("sightings", List.of("absent", "sightings")), "sightings"),
            other);
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      AegisState shipped = loop().aegis(ledger).hear(moved, 20, word(waiting, true)).next();

      assertThat(TestRegistry.has(shipped.incumbent(), "sightings")).isTrue();
      assertThat(TestRegistry.has(shipped.incumbent(), "guard")).isTrue();
      assertThat(shipped.assignment().levels())
          .containsAllEntriesOf(new TreeMap<>(bundle(waiting).bundle().to().levels()));
    }
  }

  @Test
  void followsNoWordOnAnotherBundle() throws IOException {
    AegisState waiting = loop().run(4).state();
    Word about = word(waiting, true);
    Word another =
        new Word(about.candidate(), "0".repeat(64), true, about.by(), about.at(), about.note());
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      int entries = ledger.entries().size();

      assertThatThrownBy(() -> loop().aegis(ledger).hear(waiting, 5, another))
          .isInstanceOf(WordException.class)
          .hasMessageContaining("with the harness 000000000000");
      assertThat(ledger.entries()).hasSize(entries);
    }
  }
}
