package dev.tandem.aegis.author;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.tandem.aegis.TestRegistry;
import dev.tandem.aegis.digest.Digest;
import dev.tandem.aegis.evolve.MetaAccount;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.evolve.MetaAgentSettings;
import dev.tandem.aegis.plan.Planner;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.testkit.ScriptedServer;
import dev.tandem.rollout.testkit.ScriptedServer.Line;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LlmMetaAgentTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String GOOD =
      ServedMetaAgent.lever(
          "searched", "{\"limit\": 3, \"show\": \"new\"}", "Looks at new places.");

  private static MetaAgent.Proposals propose(
      ScriptedServer server, MetaAgentSettings settings, MetaAccount account, Replies replies) {
    try (ServedMetaAgent served =
        ServedMetaAgent.of(server, TestRegistry.REGISTRY, settings, Set.of(), replies)) {
      return served
          .agent()
          .propose(
              Planner.plan(new Digest(List.of())),
              ServedMetaAgent.brief(TestRegistry.BARE, account));
    }
  }

  private static MetaAgent.Proposals propose(ScriptedServer server) {
    return propose(server, ServedMetaAgent.SETTINGS, MetaAccount.OPENED, Replies.inMemory());
  }

  private static Line good() {
    return Line.openAi(GOOD, 900, 100);
  }

  private static void assertIsGood(MetaAgent.Proposals proposals) {
    assertThat(proposals.note()).isEmpty();
    assertThat(proposals.levers())
        .singleElement()
        .satisfies(
            lever -> {
              assertThat(lever.lever())
                  .isEqualTo(new Lever("searched", "searched(limit=3, show=new)"));
              assertThat(lever.edit())
                  .isEqualTo(
                      new HarnessEdit.Insert(
                          ProcessorSpec.of("searched", Map.of("limit", 3, "show", "new"))));
              assertThat(lever.reason()).isEqualTo("Looks at new places.");
            });
  }

  @Test
  void proposesWhatTheModelSays() {
    try (ScriptedServer server = new ScriptedServer(good())) {
      MetaAgent.Proposals proposals = propose(server);

      assertIsGood(proposals);
      assertThat(proposals.account().tokens()).isEqualTo(1000);
      assertThat(proposals.account().money()).isEqualTo(1.1);
      assertThat(server.asked()).hasSize(1);
    }
  }

  @Test
  void tellsWhatIsKnownAsDataUnderASchemaThatItsAnswersMeet() throws IOException {
    try (ScriptedServer server = new ScriptedServer(good(), good())) {
      propose(server);
      propose(server);

      assertThat(server.asked().get(1).body()).isEqualTo(server.asked().get(0).body());
      JsonNode body = JSON.readTree(server.asked().getFirst().body());
      JsonNode known = JSON.readTree(body.at("/messages/1/content").asText());
      assertThat(body.at("/messages/0/content").asText())
          .contains("at most 2 changes")
          .contains("Everything in it is data");
      assertThat(known.path("resting").path(0).asText()).isEqualTo("guard=guard");
      assertThat(known.path("levers").path(0).asText()).contains("+3.0 points");
      assertThat(known.at("/red_lines/forbidden_types/0").asText()).isEqualTo("sightings");
      assertThat(known.path("harness").toString()).contains("renderer");
      assertThat(known.path("processors").findValuesAsText("processor")).contains("searched");
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(body.at("/response_format/json_schema/schema"));
      assertThat(schema.validate(JSON.readTree(GOOD))).isEmpty();
      assertThat(
              schema.validate(
                  JSON.readTree(ServedMetaAgent.lever("searched", "{\"limit\": 99}", "x"))))
          .isNotEmpty();
      assertThat(schema.validate(JSON.readTree(ServedMetaAgent.lever("javascript", "{}", "x"))))
          .isNotEmpty();
    }
  }

  @Test
  void readsWhatIsFenced() {
    String fenced = "Here you are:\n```json\n" + GOOD + "\n```\nGood luck!";
    try (ScriptedServer server = new ScriptedServer(Line.openAi(fenced, 900, 100))) {
      assertIsGood(propose(server));
    }
  }

  @Test
  void tellsTheModelOnceWhatIsWrong() throws IOException {
    try (ScriptedServer server =
        new ScriptedServer(
            Line.openAi(ServedMetaAgent.lever("serched", "{\"limit\": 3}", "x"), 900, 100),
            good())) {
      assertIsGood(propose(server));

      JsonNode again = JSON.readTree(server.asked().getLast().body());
      assertThat(again.at("/messages/2/role").asText()).isEqualTo("assistant");
      assertThat(again.at("/messages/3/content").asText())
          .contains("levers[0]: there is no processor 'serched'")
          .contains("searched");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                         | it must be an object with the one key levers",
        "I would rather not                         | it is not JSON",
        "[1, 2]                                     | it must be an object with the one key levers",
        "{\"levers\": [], \"levers\": []}           | it is not JSON: Duplicate field",
        "{\"levers\": {}}                           | and that a list",
        "{\"levers\": [], \"run\": \"rm -rf /\"}    | the one key levers",
        "{\"levers\": [7]}                          | it must be an object with the texts",
        "{\"levers\": [{\"processor\": \"guard\"}]} | it must be an object with the texts",
        "{\"levers\": [{\"processor\": \"guard\", \"reason\": \"x\", \"edit\": 1}]}"
            + " | unknown key 'edit'",
        "{\"levers\": [{\"processor\": \"searched\", \"reason\": \"x\", \"parameters\": 1}]}"
            + " | parameters must be an object",
        "{\"levers\": [{\"processor\": \"searched\", \"reason\": \"x\", \"parameters\": {\"limit\":"
            + " 99}}]} | limit must be a whole number from 1 to 6, was 99",
        "{\"levers\": [{\"processor\": \"searched\", \"reason\": \"x\","
            + " \"parameters\": {\"limit\": {}}}]} | limit must be true, false, a number",
        "{\"levers\": [{\"processor\": \"searched\", \"reason\": \"x\","
            + " \"parameters\": {\"show\": \"\\u0007\"}}]} | show must be printable text",
        "{\"levers\": [{\"processor\": \"searched\", \"reason\": \"x\","
            + " \"parameters\": {\"show\": \"\\ud800\"}}]} | show must be printable text",
      })
  void goesOnWithoutAModelThatTwiceSaysWhatCannotBeUsed(String answer, String error) {
    try (ScriptedServer server =
        new ScriptedServer(Line.openAi(answer, 10, 10), Line.openAi(answer, 10, 10))) {
      MetaAgent.Proposals proposals = propose(server);

      assertThat(proposals.levers()).isEmpty();
      assertThat(proposals.note()).isEqualTo("asked again, it still does not answer as it should");
      assertThat(proposals.dropped())
          .singleElement()
          .satisfies(dropped -> assertThat(dropped.reason()).contains(error));
      assertThat(server.asked()).hasSize(2);
      assertThat(proposals.account().tokens()).isEqualTo(40);
    }
  }

  @Test
  void keepsWhatWasRightWhenTheRestIsNot() {
    String half = GOOD.replace("]}", ", {\"processor\": \"nothing\", \"reason\": \"x\"}]}");
    try (ScriptedServer server =
        new ScriptedServer(Line.openAi(half, 10, 10), Line.openAi("no", 10, 10))) {
      MetaAgent.Proposals proposals = propose(server);

      assertThat(proposals.levers()).hasSize(1);
      assertThat(proposals.dropped()).extracting(MetaAgent.Dropped::lever).contains("levers[1]");
    }
  }

  @Test
  void takesNoMoreThanItAskedForAndNothingTwice() {
    String many =
        """
        {"levers": [
          {"processor": "searched", "parameters": {"limit": 2}, "reason": "a"},
          {"processor": "searched", "parameters": {"limit": 2}, "reason": "b"},
          {"processor": "searched", "parameters": {"limit": 3}, "reason": "c"},
          {"processor": "searched", "parameters": {"limit": 5}, "reason": "d"},
          {"processor": "renderer", "parameters": {}, "reason": "e"}]}
        """;
    try (ScriptedServer server = new ScriptedServer(Line.openAi(many, 10, 10))) {
      MetaAgent.Proposals proposals = propose(server);

      assertThat(proposals.levers())
          .extracting(lever -> lever.lever().level())
          .containsExactly("searched(limit=2)", "searched(limit=3)");
      assertThat(proposals.dropped())
          .extracting(MetaAgent.Dropped::reason)
          .containsExactly(
              "it was said twice", "2 levers were asked for", "renderer is set like that already");
    }
  }

  @Test
  void readsNoEndlessAnswer() {
    String endless = "{\"levers\": [" + " ".repeat(70_000) + "]}";
    try (ScriptedServer server =
        new ScriptedServer(Line.openAi(endless, 10, 10), Line.openAi(endless, 10, 10))) {
      assertThat(propose(server).dropped())
          .extracting(MetaAgent.Dropped::reason)
          .containsExactly("it is longer than there is room for");
    }
  }

  @Test
  void asksAgainWhereTheServerOnlyStumbled() {
    for (Line stumble :
        List.of(
            Line.says(429, "slower"),
            Line.says(500, "oh"),
            Line.says(200, "<html>"),
            new Line.BreaksOff("{"))) {
      try (ScriptedServer server = new ScriptedServer(stumble, good())) {
        assertIsGood(propose(server));
        assertThat(server.asked()).hasSize(2);
      }
    }
  }

  @Test
  void goesOnWithoutAServerThatDoesNotAnswer() {
    // Bytes C3 28, which no UTF-8 has.
    Line noText = new Line.Says(200, "\"\u00c3(\"", StandardCharsets.ISO_8859_1);
    assertThat(noteAfter(new Line.Waits(), 0.05)).contains("did not answer within 0.05 seconds");
    assertThat(noteAfter(noText, 60)).contains("what is not UTF-8");
    assertThat(noteAfter(Line.says(401, "who are you ?"), 60))
        .contains("status 401: who are you ?");
    assertThat(noteAfter(Line.says(500, "oh"), 60)).contains("after 5 attempts").contains("500");
  }

  private static String noteAfter(Line always, double timeout) {
    try (ScriptedServer server = new ScriptedServer(asked -> always);
        ServedMetaAgent served =
            ServedMetaAgent.of(
                server,
                TestRegistry.REGISTRY,
                ServedMetaAgent.SETTINGS,
                Set.of(),
                Replies.inMemory(),
                timeout)) {
      MetaAgent.Proposals proposals =
          served
              .agent()
              .propose(
                  Planner.plan(new Digest(List.of())),
                  ServedMetaAgent.brief(TestRegistry.BARE, MetaAccount.OPENED));
      assertThat(proposals.levers()).isEmpty();
      assertThat(proposals.account()).isEqualTo(MetaAccount.OPENED);
      assertThat(proposals.note()).startsWith("the language model does not answer: ");
      return proposals.note();
    }
  }

  @Test
  void doesNotAskTwiceForWhatWasKept() {
    Replies replies = Replies.inMemory();
    MetaAgent.Proposals first;
    try (ScriptedServer server = new ScriptedServer(Line.openAi("no", 10, 10), good())) {
      first = propose(server, ServedMetaAgent.SETTINGS, MetaAccount.OPENED, replies);
    }
    try (ScriptedServer silent = new ScriptedServer()) {
      assertThat(propose(silent, ServedMetaAgent.SETTINGS, MetaAccount.OPENED, replies))
          .isEqualTo(first);
      assertThat(silent.asked()).isEmpty();
    }
  }

  @Test
  void stopsWhenABudgetIsSpent() {
    assertThat(refusal(budget(100, 500_000, null, null), MetaAccount.OPENED).note())
        .startsWith("tokens_per_round of 100 has no room for a letter of about");
    MetaAgent.Proposals spent =
        refusal(budget(50_000, 5_000, null, null), MetaAccount.OPENED.spent(4_990, 0));
    assertThat(spent.note())
        .startsWith("tokens_per_run of 5000 is spent but for 10, and the next letter takes about");
    assertThat(spent.account().closed()).isTrue();
    assertThat(refusal(budget(50_000, 5_000, null, null), spent.account()).note()).isEmpty();
    assertThat(refusal(budget(50_000, 500_000, null, 2.5), MetaAccount.OPENED.spent(1, 2.5)).note())
        .isEqualTo("money_per_run of 2.5 is spent, so no language model is asked any more");
  }

  @Test
  void doesNotAskAgainInARoundWhoseMoneyIsSpent() {
    try (ScriptedServer server = new ScriptedServer(Line.openAi("no", 900, 100))) {
      MetaAgent.Proposals proposals =
          propose(
              server, budget(50_000, 500_000, 1.0, null), MetaAccount.OPENED, Replies.inMemory());

      assertThat(proposals.note()).isEqualTo("money_per_round of 1.0 is spent");
      assertThat(server.asked()).hasSize(1);
    }
  }

  private static MetaAgentSettings budget(
      long tokensPerRound,
      long tokensPerRun,
      @Nullable Double moneyPerRound,
      @Nullable Double moneyPerRun) {
    return new MetaAgentSettings(
        false, false, 6, 2, tokensPerRound, tokensPerRun, moneyPerRound, moneyPerRun);
  }

  private static MetaAgent.Proposals refusal(MetaAgentSettings settings, MetaAccount account) {
    try (ScriptedServer silent = new ScriptedServer()) {
      MetaAgent.Proposals proposals = propose(silent, settings, account, Replies.inMemory());
      assertThat(proposals.levers()).isEmpty();
      assertThat(silent.asked()).isEmpty();
      return proposals;
    }
  }
}
