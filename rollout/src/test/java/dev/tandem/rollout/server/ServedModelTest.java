package dev.tandem.rollout.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.Model.FailureKind;
import dev.tandem.harness.model.Model.ModelException;
import dev.tandem.harness.value.ArgumentValues;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.rollout.spi.ModelProviderFactory;
import dev.tandem.rollout.testkit.ScriptedServer;
import dev.tandem.rollout.testkit.ScriptedServer.Line;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServedModelTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String SECRET = "sk-very-secret";
  private static final String SCHEMA = "{\"type\":\"object\"}";
  private static final ModelProviderFactory OPENAI = new OpenAiModels(Map.of("KEY", SECRET)::get);
  private static final ModelProviderFactory ANTHROPIC =
      new AnthropicModels(Map.of("KEY", SECRET)::get);
  private static final Model.Request PLAIN =
      new Model.Request(List.of(Message.system("be brief"), Message.user("where ?")), List.of(), 1);
  private static final Model.Request STRUCTURED =
      new Model.Request(PLAIN.messages(), List.of(), List.of(), Optional.of(SCHEMA), 1);

  private static ModelProvider open(
      ModelProviderFactory factory, ScriptedServer server, Map<String, Object> more) {
    Map<String, Object> given =
        new TreeMap<>(Map.of("url", server.url() + "/v1", "model", "m", "key_variable", "KEY"));
    given.putAll(more);
    return factory.open(ArgumentValues.of("model provider", factory.parameters(), given));
  }

  private static Model.Answer ask(
      ModelProviderFactory factory, ScriptedServer server, Map<String, Object> more) {
    try (ModelProvider provider = open(factory, server, more)) {
      return provider.complete(List.of(PLAIN)).getFirst();
    }
  }

  private static ModelException failure(Line line, Map<String, Object> more) {
    try (ScriptedServer server = new ScriptedServer(line)) {
      return ((Model.Answer.Failed) ask(OPENAI, server, more)).failure();
    }
  }

  private static JsonNode body(ScriptedServer server) throws IOException {
    return JSON.readTree(server.asked().getLast().body());
  }

  @Test
  void comesThroughTheDoorOfProviders() {
    assertThat(ServiceLoader.load(ModelProviderFactory.class))
        .extracting(ModelProviderFactory::id)
        .contains("openai", "anthropic");
  }

  @Test
  void speaksAsOpenAiDoes() throws IOException {
    try (ScriptedServer server = new ScriptedServer(Line.openAi("here", 12, 3));
        ModelProvider provider = open(OPENAI, server, Map.of("temperature", 0.2))) {
      Model.Completion answer = provider.complete(List.of(STRUCTURED)).getFirst().orThrow();

      assertThat(answer.text()).isEqualTo("here");
      assertThat(answer.usage()).isEqualTo(new Model.Usage(12, 3, 0));
      assertThat(server.asked().getFirst().path()).isEqualTo("/v1/chat/completions");
      assertThat(server.asked().getFirst().headers().get("authorization"))
          .containsExactly("Bearer " + SECRET);
      assertThat(body(server).path("messages").toString())
          .isEqualTo(
              "[{\"role\":\"system\",\"content\":\"be"
                  + " brief\"},{\"role\":\"user\",\"content\":\"where ?\"}]");
      assertThat(body(server).path("response_format").path("json_schema").path("schema"))
          .isEqualTo(JSON.readTree(SCHEMA));
      assertThat(body(server).path("temperature").asDouble()).isEqualTo(0.2);
      assertThat(body(server).path("max_completion_tokens").asInt()).isEqualTo(4096);
    }
  }

  @Test
  void sendsNoSchemaToServersThatKnowNone() throws IOException {
    try (ScriptedServer server = new ScriptedServer(Line.openAi("here", 12, 3));
        ModelProvider provider =
            open(OPENAI, server, Map.of("structured", "none", "token_limit", "max_tokens"))) {
      provider.complete(List.of(STRUCTURED));

      assertThat(body(server).has("response_format")).isFalse();
      assertThat(body(server).has("temperature")).isFalse();
      assertThat(body(server).path("max_tokens").asInt()).isEqualTo(4096);
    }
  }

  @Test
  void speaksAsAnthropicDoes() throws IOException {
    String answer =
        """
        {"content": [{"type": "thinking", "thinking": "hm"},
                     {"type": "tool_use", "name": "answer", "input": {"levers": []}}],
         "stop_reason": "tool_use",
         "usage": {"input_tokens": 7, "cache_read_input_tokens": 5, "output_tokens": 2}}
        """;
    try (ScriptedServer server = new ScriptedServer(Line.says(200, answer));
        ModelProvider provider = open(ANTHROPIC, server, Map.of())) {
      Model.Completion completion = provider.complete(List.of(STRUCTURED)).getFirst().orThrow();

      assertThat(completion.text()).isEqualTo("{\"levers\":[]}");
      assertThat(completion.usage()).isEqualTo(new Model.Usage(12, 2, 0));
      assertThat(server.asked().getFirst().path()).isEqualTo("/v1/messages");
      assertThat(server.asked().getFirst().headers().get("x-api-key")).containsExactly(SECRET);
      assertThat(server.asked().getFirst().headers().get("anthropic-version")).isNotEmpty();
      assertThat(body(server).path("system").asText()).isEqualTo("be brief");
      assertThat(body(server).path("messages")).hasSize(1);
      assertThat(body(server).path("tool_choice").path("name").asText()).isEqualTo("answer");
      assertThat(body(server).path("tools").path(0).path("input_schema"))
          .isEqualTo(JSON.readTree(SCHEMA));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, REJECTED",
    "401, REJECTED",
    "302, REJECTED",
    "429, RATE_LIMITED",
    "408, TIMEOUT",
    "500, OVERLOADED",
    "529, OVERLOADED"
  })
  void tellsByTheStatusWhetherToAskAgain(int status, FailureKind kind) {
    ModelException failure = failure(Line.says(status, "no\nroom for " + SECRET), Map.of());

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure)
        .hasMessageContaining("status %d: no room for (key)".formatted(status))
        .hasMessageNotContaining(SECRET);
  }

  @Test
  void takesNothingForAnAnswerThatIsNone() {
    for (String none : List.of("", "<html>", "{}", "[1]", "{\"choices\":[{\"message\":{}}]}")) {
      assertThat(failure(Line.says(200, none), Map.of()).kind())
          .as(none)
          .isEqualTo(FailureKind.INVALID_RESPONSE);
    }
    byte[] noText = {'"', (byte) 0xC3, (byte) 0x28, '"'};
    assertThat(failure(new Line.Says(200, noText), Map.of()))
        .hasMessageContaining("what is not UTF-8");
  }

  @Test
  void waitsNoLongerThanItIsTold() {
    assertThat(failure(new Line.Waits(), Map.of("timeout", 0.05)).kind())
        .isEqualTo(FailureKind.TIMEOUT);
  }

  @Test
  void takesABrokenOrEndlessAnswerForABrokenConnection() {
    byte[] begun = "{\"choices\"".getBytes(StandardCharsets.UTF_8);
    assertThat(failure(new Line.BreaksOff(begun), Map.of()).kind())
        .isEqualTo(FailureKind.CONNECTION);
    assertThat(failure(new Line.Says(200, new byte[9 << 20]), Map.of()).kind())
        .isEqualTo(FailureKind.CONNECTION);
  }

  @Test
  void saysWhenNobodyIsThere() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    Map<String, Object> given =
        Map.of("url", "http://127.0.0.1:" + free, "model", "m", "key_variable", "");
    try (ModelProvider provider =
        OPENAI.open(ArgumentValues.of("model provider", OPENAI.parameters(), given))) {
      Model.Answer answer = provider.complete(List.of(PLAIN)).getFirst();

      assertThatThrownBy(answer::orThrow)
          .isInstanceOfSatisfying(
              ModelException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.CONNECTION))
          .hasMessageContaining("cannot be reached");
    }
  }

  @Test
  void answersEachOfABatchInOrder() {
    try (ScriptedServer server =
            new ScriptedServer(
                asked ->
                    asked.body().contains("two")
                        ? Line.says(400, "no")
                        : Line.openAi(asked.body().contains("one") ? "1" : "3", 1, 1));
        ModelProvider provider = open(OPENAI, server, Map.of())) {
      List<Model.Answer> answers =
          provider.complete(
              List.of("one", "two", "three").stream()
                  .map(text -> new Model.Request(List.of(Message.user(text)), List.of(), 1))
                  .toList());

      assertThat(answers.get(0).orThrow().text()).isEqualTo("1");
      assertThat(answers.get(1)).isInstanceOf(Model.Answer.Failed.class);
      assertThat(answers.get(2).orThrow().text()).isEqualTo("3");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model        | ''                 | model is empty: name the model",
        "url          | ftp://a            | url must be like https://host/v1, was 'ftp://a'",
        "url          | http://example.com | use https, or key_variable: ''",
        "url          | http://u:p@[::1]/  | url must be like https://host/v1",
        "key_variable | NO_SUCH            | the environment variable NO_SUCH is not set"
      })
  void refusesSettingsInOneSentence(String name, String value, String complaint) {
    Map<String, Object> given =
        new TreeMap<>(Map.of("url", "http://[::1]:1", "model", "m", "key_variable", "KEY"));
    given.put(name, value);

    ModelException refused =
        catchThrowableOfType(
            ModelException.class,
            () -> OPENAI.open(ArgumentValues.of("provider", OPENAI.parameters(), given)));

    assertThat(refused).hasMessageContaining(complaint).hasMessageNotContaining(SECRET);
    assertThat(refused.kind()).isEqualTo(FailureKind.REJECTED);
  }

  @Test
  void takesNoParameterItDoesNotKnow() {
    assertThatThrownBy(
            () -> ArgumentValues.of("provider", OPENAI.parameters(), Map.of("api_key", SECRET)))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("unknown parameter 'api_key'");
  }
}
