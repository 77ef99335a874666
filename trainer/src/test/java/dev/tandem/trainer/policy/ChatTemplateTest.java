package dev.tandem.trainer.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.jinja.JinjaException;
import dev.tandem.trainer.model.Fixtures;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import dev.tandem.trainer.tokenizer.TokenizerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Templates of our own that use what the published ones use: tools-in-system as Qwen 2.5's,
 * thinking as Qwen 3's, headers as Llama 3.1's and 3.2's.
 */
final class ChatTemplateTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 7, 5, 13, 4, 9);
  private static final String TOOL =
      "{\"type\": \"function\", \"function\": {\"name\": \"go\", \"description\": \"Walk \u2192"
          + " <to> a place\", \"parameters\": {\"to\": [\"bed\", 1, 2.50, true, null]}}}";
  private static final String CALL =
      "{\"role\": \"assistant\", \"content\": \"\", \"tool_calls\": [{\"type\": \"function\","
          + " \"function\": {\"name\": \"go\", \"arguments\": {\"to\": \"caf\u00e9\", \"n\":"
          + " 2}}}]}";
  private static final String SYSTEM = "{\"role\": \"system\", \"content\": \"Act.\"}";
  private static final String ASK = "{\"role\": \"user\", \"content\": \"go to bed\"}";
  private static final String TOLD = "{\"role\": \"tool\", \"content\": \"done\"}";

  @TempDir private Path folder;

  private static ChatTemplate template(String name) {
    try (InputStream in = ChatTemplateTest.class.getResourceAsStream(name)) {
      String source = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return new ChatTemplate(
          new TokenizerConfig(Path.of(name), Map.of("default", source), Map.of("bos_token", "<s>")),
          NOW);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ArrayNode messages(String... messages) {
    return (ArrayNode) json("[" + String.join(",", messages) + "]");
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ObjectNode variables(String text) {
    return (ObjectNode) json(text);
  }

  private static ObjectNode tools() {
    return variables("{\"tools\": [" + TOOL + "]}");
  }

  @Test
  void writesToolsAndTheirCallsAsQwen25Does() {
    String rendered =
        template("tools-in-system.jinja")
            .render(messages(SYSTEM, ASK, CALL, TOLD, TOLD, ASK), tools(), true);
    assertThat(rendered)
        .isEqualTo(
            """
            <|im_start|>system
            Act.

            # Functions
            <tools>
            {"type": "function", "function": {"name": "go", "description": "Walk \u2192 <to> a place", "parameters": {"to": ["bed", 1, 2.5, true, null]}}}
            </tools>
            Answer {"name": <function>, "arguments": <object>}<|im_end|>
            <|im_start|>user
            go to bed<|im_end|>
            <|im_start|>assistant
            <tool_call>
            {"name": "go", "arguments": {"to": "caf\u00e9", "n": 2}}
            </tool_call><|im_end|>
            <|im_start|>user
            <tool_response>
            done
            </tool_response>
            <tool_response>
            done
            </tool_response><|im_end|>
            <|im_start|>user
            go to bed<|im_end|>
            <|im_start|>assistant
            """);
  }

  @Test
  void writesAPlainConversationAsQwen25Does() {
    ChatTemplate template = template("tools-in-system.jinja");
    assertThat(template.render(messages(ASK), variables("{}"), false))
        .isEqualTo(
            """
            <|im_start|>system
            You play.<|im_end|>
            <|im_start|>user
            go to bed<|im_end|>
            """);
    assertThat(template.render(messages(SYSTEM, ASK), variables("{}"), true))
        .isEqualTo(
            """
            <|im_start|>system
            Act.<|im_end|>
            <|im_start|>user
            go to bed<|im_end|>
            <|im_start|>assistant
            """);
  }

  @Test
  void keepsTheThoughtsSinceTheLastQuestionAsQwen3Does() {
    ChatTemplate template = template("thinking.jinja");
    String old = "{\"role\": \"assistant\", \"content\": \"<think>\\nold\\n</think>\\n\\nyes\"}";
    String fresh = "{\"role\": \"assistant\", \"content\": \"no\", \"thought\": \"\\nnew\\n\"}";
    String result = "{\"role\": \"user\", \"content\": \"<result>3</result>\"}";
    assertThat(template.render(messages(ASK, old, ASK, fresh, result), variables("{}"), true))
        .isEqualTo(
            """
            <|im_start|>user
            go to bed<|im_end|>
            <|im_start|>assistant
            yes<|im_end|>
            <|im_start|>user
            go to bed<|im_end|>
            <|im_start|>assistant
            <think>
            new
            </think>

            no<|im_end|>
            <|im_start|>user
            <result>3</result><|im_end|>
            <|im_start|>assistant
            """);
    assertThat(template.render(messages(ASK), variables("{\"enable_thinking\": false}"), true))
        .endsWith("<|im_start|>assistant\n<think>\n\n</think>\n\n");
    assertThat(template.render(messages(ASK), variables("{\"enable_thinking\": true}"), true))
        .endsWith("<|im_start|>assistant\n");
    assertThat(template.render(messages(ASK, CALL), variables("{}"), false))
        .endsWith(
            """
            <|im_start|>assistant
            <think>

            </think>

            <tool_call>go {"to": "caf\u00e9", "n": 2}</tool_call><|im_end|>
            """);
  }

  @Test
  void writesToolsWithTheFirstQuestionAsLlama3Does() {
    ChatTemplate template = template("headers.jinja");
    assertThat(template.render(messages(SYSTEM, ASK, CALL, TOLD), tools(), true))
        .isEqualTo(
            """
            <s><|start_header_id|>system<|end_header_id|>

            Environment: tools
            Today: 05 Jul 2026

            Act.<|eot_id|><|start_header_id|>user<|end_header_id|>

            Functions:

            {
                "type": "function",
                "function": {
                    "name": "go",
                    "description": "Walk \u2192 <to> a place",
                    "parameters": {
                        "to": [
                            "bed",
                            1,
                            2.5,
                            true,
                            null
                        ]
                    }
                }
            }

            go to bed<|eot_id|><|start_header_id|>assistant<|end_header_id|>

            {"name": "go", "parameters": {"to": "caf\u00e9", "n": 2}}<|eot_id|>\
            <|start_header_id|>ipython<|end_header_id|>

            "done"<|eot_id|><|start_header_id|>assistant<|end_header_id|>

            """);
    assertThat(
            template.render(
                messages(ASK),
                variables("{\"date_string\": \"1 May\", \"builtin_tools\": [\"a\", \"b\"]}"),
                false))
        .isEqualTo(
            """
            <s><|start_header_id|>system<|end_header_id|>

            Tools: a, b

            Today: 1 May

            <|eot_id|><|start_header_id|>user<|end_header_id|>

            go to bed<|eot_id|>\
            """);
  }

  @Test
  void passesOnWhyATemplateRefuses() {
    ObjectNode twice = (ObjectNode) json(CALL);
    twice.withArray("tool_calls").add(twice.path("tool_calls").get(0).deepCopy());
    assertThatThrownBy(
            () ->
                template("headers.jinja")
                    .render(messages(ASK, twice.toString()), variables("{}"), false))
        .isInstanceOf(JinjaException.class)
        .hasMessage(
            "headers.jinja: chat template line 60: the template refuses: one tool call at a time");
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen3-tied", "qwen2-untied", "llama-gqa", "llama3-rope"})
  void rendersAndEncodesTheReferenceConversation(String name) throws IOException {
    Path checkpoint = Fixtures.checkpoint(name);
    JsonNode chat = JSON.readTree(checkpoint.resolve("expected.json").toFile()).path("chat");
    String rendered =
        new ChatTemplate(TokenizerConfig.read(checkpoint), NOW)
            .render((ArrayNode) chat.path("messages"), variables("{}"), true);
    assertThat(rendered).isEqualTo(chat.path("rendered").textValue());
    try (TextTokenizer tokenizer = TextTokenizer.load(checkpoint)) {
      assertThat(JSON.<JsonNode>valueToTree(tokenizer.encode(rendered)))
          .isEqualTo(chat.path("input_ids"));
    }
  }

  @Test
  void takesTheTemplateForToolsWhereThereAreTools() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "pad_token": null,
         "chat_template": [{"name": "default", "template": "{{ bos_token }}plain{{ pad_token }}"},
                           {"name": "tool_use", "template": "{{ tools[0].name }}{{ eos_token }}"}]}
        """);
    ChatTemplate template = new ChatTemplate(TokenizerConfig.read(folder), NOW);
    assertThat(template.render(messages(ASK), variables("{}"), true)).isEqualTo("<s>plain");
    assertThat(template.render(messages(ASK), variables("{\"tools\": [{\"name\": \"x\"}]}"), true))
        .isEqualTo("x</s>");
  }

  @Test
  void prefersTheTemplateInAFileOfItsOwn() throws IOException {
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"chat_template\": \"old\"}");
    Files.writeString(folder.resolve("chat_template.jinja"), "new");
    assertThat(
            new ChatTemplate(TokenizerConfig.read(folder), NOW)
                .render(messages(ASK), variables("{}"), true))
        .isEqualTo("new");
  }

  @Test
  void saysWhatIsWrongWithACheckpointsTemplates() throws IOException {
    assertThatThrownBy(() -> new ChatTemplate(TokenizerConfig.read(folder), NOW))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(folder + ": has no chat template; add a chat_template.jinja");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"chat_template\": 3}");
    assertThatThrownBy(() -> TokenizerConfig.read(folder))
        .hasMessageContaining("chat_template must be a text or a list of named texts");
    Files.writeString(folder.resolve("chat_template.jinja"), "a\n{% for %}");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{}");
    assertThatThrownBy(() -> new ChatTemplate(TokenizerConfig.read(folder), NOW))
        .isInstanceOf(JinjaException.class)
        .hasMessage(folder + ": chat template line 2: expected a name, found %}");
  }
}
