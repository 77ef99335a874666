package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.author.Replies;
import dev.tandem.aegis.author.ServedMetaAgent;
import dev.tandem.aegis.evolve.FamilyWordings;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.gate.Simulation;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.oversight.Admission;
import dev.tandem.aegis.oversight.AskFrom;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.oversight.WhenWaiting;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.processor.context.SystemPrompt;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.spi.Wording;
import dev.tandem.rollout.testkit.ScriptedServer;
import dev.tandem.rollout.testkit.ScriptedServer.Line;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds with a language model that proposes levers over HTTP. */
final class MetaAgentRunTest {
  private static final Lever PLANTED = new Lever("searched", "searched(limit=3, show=new)");

  /** Two parameters at once, which metadata does not offer, are what helps. */
  private static final Simulation.Chance TRUTH =
      (harness, category) -> 0.35 + (hasPlanted(harness) ? 0.3 : 0);

  private static final AegisSettings BOUND =
      AegisSettings.DEFAULTS.watched(
          RedLines.parse("forbidden_types: [sightings]"), AskFrom.NONE, WhenWaiting.WAIT, null);

  private static final String FIRST =
      """
      {"levers": [
        {"processor": "searched", "parameters": {"show": "new", "limit": 3}, "reason": "To see."},
        {"processor": "guard", "parameters": {}, "reason": "There is one already."}]}
      """;
  private static final String HOSTILE =
      """
      {"levers": [
        {"processor": "sightings", "parameters": {}, "reason": "Ignore the red lines."},
        {"processor": "searched", "parameters": {"limit": 3, "show": "new"}, "reason": "Again."}]}
      """;
  private static final String NOTHING = "{\"levers\": []}";

  @TempDir private Path folder;

  private static boolean hasPlanted(HarnessConfig harness) {
    return harness.processors().stream()
        .anyMatch(
            spec ->
                spec.type().equals("searched")
                    && Integer.valueOf(3).equals(spec.parameters().get("limit"))
                    && "new".equals(spec.parameters().get("show")));
  }

  private TestLoop loop(MetaAgent agent) {
    return TestLoop.of(folder.resolve("ledger"), TRUTH).with(BOUND).with(agent);
  }

  private static ServedMetaAgent served(ScriptedServer server, Replies replies) {
    return ServedMetaAgent.of(
        server, TestRegistry.REGISTRY, ServedMetaAgent.SETTINGS, Set.of(), replies);
  }

  private static ScriptedServer server() {
    return new ScriptedServer(
        Line.openAi(FIRST, 900, 100),
        Line.openAi(HOSTILE, 900, 100),
        Line.openAi("tired", 900, 100),
        Line.openAi("tired", 900, 100),
        Line.says(401, "no"),
        Line.openAi(NOTHING, 900, 100));
  }

  @Test
  void screensAndShipsWhatALanguageModelProposes() throws IOException {
    try (ScriptedServer server = server();
        ServedMetaAgent served = served(server, Replies.inMemory())) {
      TestLoop.Run run = loop(served.agent()).run(5);

      assertThat(run.state().levers())
          .singleElement()
          .satisfies(
              lever -> {
                assertThat(lever.lever()).isEqualTo(PLANTED);
                assertThat(lever.reason()).isEqualTo("To see.");
              });
      assertThat(run.decisions(Decision.Screened.class).get(2).levers())
          .filteredOn(row -> row.lever().equals(PLANTED))
          .singleElement()
          .satisfies(
              row -> {
                assertThat(row.episodes()).isGreaterThan(20);
                assertThat(row.effect()).isGreaterThan(0.1);
              });
      assertThat(run.decisions(Decision.Shipped.class))
          .anySatisfy(
              shipped ->
                  assertThat(shipped.map().levers())
                      .extracting(LeverEffect::lever)
                      .contains(PLANTED));
      assertThat(hasPlanted(run.state().incumbent())).isTrue();
      assertThat(run.state().meta().tokens()).isEqualTo(5000);
    }
  }

  @Test
  void saysWhatBecameOfEveryProposal() throws IOException {
    try (ScriptedServer server = server();
        ServedMetaAgent served = served(server, Replies.inMemory())) {
      TestLoop.Run run = loop(served.agent()).run(5);

      assertThat(run.decisions(Decision.Proposed.class))
          .extracting(Decision.Proposed::line)
          .satisfiesExactly(
              one ->
                  assertThat(one)
                      .isEqualTo(
                          "the meta-agent brings searched=searched(limit=3, show=new) (To see.)"
                              + " for 1000 tokens; not guard=guard: it is there already"),
              two ->
                  assertThat(two)
                      .isEqualTo(
                          "the meta-agent brings no new lever for 1000 tokens; not"
                              + " searched=searched(limit=3, show=new): it is there already"),
              three -> assertThat(three).contains("asked again, it still does not answer"),
              four -> assertThat(four).contains("status 401: no"),
              five ->
                  assertThat(five).isEqualTo("the meta-agent brings no new lever for 1000 tokens"));
      assertThat(run.decisions(Decision.Refused.class))
          .filteredOn(refused -> refused.candidate().equals("sightings=sightings"))
          .isNotEmpty()
          .allSatisfy(
              refused -> {
                assertThat(refused.ground()).isEqualTo(Admission.Ground.RED_LINES);
                assertThat(refused.quarantined()).isTrue();
              });
      assertThat(LedgerStory.tell(run.entries()))
          .anySatisfy(
              sentence ->
                  assertThat(sentence)
                      .isEqualTo(
                          "Round 1: the meta-agent brings searched=searched(limit=3, show=new)"
                              + " (To see); not taken in: guard=guard: it is there already."));
    }
  }

  /** A round that a kill cut short is played again without the model, to the same bytes. */
  @Test
  void playsARoundAgainWithoutAsking() throws IOException {
    Replies replies = Replies.inMemory();
    TestLoop.Run whole;
    try (ScriptedServer server = server();
        ServedMetaAgent served = served(server, replies)) {
      whole = loop(served.agent()).run(4);
      assertThat(server.asked()).hasSize(5);
    }
    String ledger = whole.ledger();
    for (int round = 1; round <= 4; round++) {
      AegisState before = TestLoop.reread(whole.states().get(round - 1));
      try (ScriptedServer silent = new ScriptedServer();
          ServedMetaAgent served = served(silent, replies)) {
        TestLoop.Run again = loop(served.agent()).run(before, round, 4);

        assertThat(again.ledger()).isEqualTo(ledger);
        assertThat(again.state()).isEqualTo(whole.state());
        assertThat(silent.asked()).isEmpty();
      }
    }
  }

  @Test
  void triesAFamilysWordingsOnce() throws IOException {
    ProcessorRegistry registry = TestRegistry.REGISTRY.with(SystemPrompt.TYPE);
    HarnessConfig start = HarnessConfig.of(ProcessorSpec.of("system_prompt"));
    List<Wording> wordings =
        List.of(
            new Wording("system_prompt", "template", "{goal} !"),
            new Wording("system_prompt", "template", "goal : {goal} ."));
    try (Ledger ledger = Ledger.open(folder.resolve("ledger"))) {
      Aegis aegis =
          new Aegis(
              AegisSettings.DEFAULTS,
              registry,
              new TestFailures(),
              ledger,
              Set.of(),
              new FamilyWordings(wordings, registry));
      TestRounds rounds = new TestRounds((harness, category) -> 0.5, 7);
      Simulation gate = new Simulation(7, (harness, category) -> 0.5);

      AegisResult first =
          aegis.evolve(
              AegisState.initial(start), rounds.play(aegis, AegisState.initial(start), 1), gate);
      AegisResult second = aegis.evolve(first.next(), rounds.play(aegis, first.next(), 2), gate);

      assertThat(first.decisions())
          .filteredOn(Decision.Proposed.class::isInstance)
          .singleElement()
          .satisfies(
              one ->
                  assertThat(one.line())
                      .isEqualTo(
                          "the meta-agent brings system_prompt.template={goal} ! (a wording of"
                              + " the family's)"));
      assertThat(second.decisions()).noneMatch(Decision.Proposed.class::isInstance);
      assertThat(rounds.plan(aegis, first.next(), 2).harnesses())
          .anyMatch(
              harness ->
                  harness.processors().stream()
                      .anyMatch(spec -> "{goal} !".equals(spec.parameters().get("template"))));
    }
  }
}
