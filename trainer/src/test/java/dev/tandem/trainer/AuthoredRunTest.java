package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.rollout.testkit.ScriptedServer;
import dev.tandem.rollout.testkit.ScriptedServer.Line;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.Monitor;
import dev.tandem.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose levers are proposed by a language model and by the family. */
final class AuthoredRunTest {
  private static final JsonMapper JSON = new JsonMapper();

  /** The answer to the round that a letter is about. */
  private static final List<Line> BY_ROUND =
      List.of(
          Line.openAi(
              """
              {"levers": [{"processor": "parse_retry", "parameters": {"attempts": 3}, "reason": "Ask thrice."},
                          {"processor": "system_prompt", "parameters": {"template": "be good"}, "reason": "x"}]}
              """,
              800,
              50),
          Line.openAi("```json\n{\"levers\": []}\n```", 800, 50),
          Line.says(400, "no more"));

  @TempDir private Path folder;

  private static Line answer(ScriptedServer.Asked asked) {
    try {
      JsonNode letter = JSON.readTree(asked.body()).at("/messages/1/content");
      return BY_ROUND.get(JSON.readTree(letter.asText()).path("round").asInt() - 1);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private RunConfig config(ScriptedServer server) throws IOException {
    return ConfigLoader.load(
        Files.writeString(folder.resolve("recipe.yaml"), ConfigLoader.effective(TinyRun.config())),
        List.of(
            "models={meta: {providers: [{provider: openai, url: '%s', model: m, key_variable: '', price: {prompt: 1, response: 2}}]}}"
                .formatted(server.url()),
            "aegis.meta_agent.max_levers=6",
            "aegis.meta_agent.money_per_run=1",
            "aegis.meta_agent.wordings=true"),
        RunConfig.DEFAULTS,
        RunConfig.class);
  }

  private static void run(RunConfig config, Path path, Monitor monitor) throws IOException {
    try (TrainingRun run = new TrainingRun(config, path, Tiny.EXECUTION, monitor)) {
      run.execute();
    }
  }

  private static List<JsonNode> proposed(Path run) {
    return Ledger.verify(run.resolve("ledger.jsonl")).entries().stream()
        .filter(entry -> entry.kind().equals("proposed"))
        .map(LedgerEntry::payload)
        .toList();
  }

  @Test
  void aRunHearsItsLanguageModelOnceARoundWhateverHappens() throws IOException {
    try (ScriptedServer server = new ScriptedServer(AuthoredRunTest::answer)) {
      RunConfig config = config(server);
      Path whole = folder.resolve("whole");
      Path killed = folder.resolve("killed");

      run(config, whole, new SilentMonitor());
      int asked = server.asked().size();
      assertThatThrownBy(() -> run(config, killed, KillingMonitor.under("round 2 training")))
          .isInstanceOf(KillingMonitor.Killed.class);
      run(config, killed, new SilentMonitor());

      assertThat(RunOutcome.of(killed)).isEqualTo(RunOutcome.of(whole));
      // The first round's answer is half wrong, so it is asked for again.
      assertThat(asked).isEqualTo(4);
      assertThat(server.asked()).hasSize(2 * asked);
    }
  }

  @Test
  void whatIsProposedIsALeverAndWhatItCostIsCounted() throws IOException {
    try (ScriptedServer server = new ScriptedServer(AuthoredRunTest::answer)) {
      Path run = folder.resolve("run");
      run(config(server), run, new SilentMonitor());

      List<JsonNode> rounds = proposed(run);
      assertThat(rounds.get(0).path("levers").findValuesAsText("level"))
          .containsExactly(
              "{goal} .",
              "goal : {goal} . goal : {goal} .",
              "goal : {goal} . go to unsearched places .",
              "parse_retry(attempts=3)");
      assertThat(rounds.get(0).path("dropped").toString())
          .contains("template has the word 'be', which the model does not know");
      assertThat(rounds.get(1).path("tokens").asLong()).isEqualTo(850);
      assertThat(rounds.get(2).path("note").asText()).contains("status 400: no more");
      assertThat(new RunFolder(run).state(3).aegis().meta().tokens()).isEqualTo(3 * 850);
      assertThat(new RunFolder(run).state(3).aegis().meta().money())
          .isEqualTo(3 * (800 + 2 * 50) / 1e6);
      assertThat(Files.readString(run.resolve("ledger.jsonl")))
          .contains("{\"factor\":\"parse_retry\",\"level\":\"parse_retry(attempts=3)\"}");
      try (Stream<Path> replies = Files.list(run.resolve("meta-agent"))) {
        assertThat(replies.map(file -> file.getFileName().toString().substring(0, 12)))
            .containsExactlyInAnyOrder(
                "round-0001-1", "round-0001-2", "round-0002-1", "round-0003-1");
      }
    }
  }
}
