package dev.tandem.trainer.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.model.Message;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.trainer.model.Fixtures;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import dev.tandem.trainer.tokenizer.TokenizerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TemplateFormatTest {
  private static final int END_OF_TEXT = 0;
  private static final int IM_START = 1;
  private static final int IM_END = 2;

  private Path checkpoint = Path.of("");
  private TextTokenizer tokenizer = dev.tandem.trainer.Tiny.tokenizer(List.of(), "x");

  @BeforeEach
  void load() {
    checkpoint = Fixtures.checkpoint("qwen3-tied");
    tokenizer = TextTokenizer.load(checkpoint);
  }

  @AfterEach
  void free() {
    tokenizer.close();
  }

  private TemplateFormat format(String template, Map<String, String> tokens, Integer... ends) {
    return TemplateFormat.forAgents(
        new TokenizerConfig(checkpoint, Map.of("default", template), tokens),
        tokenizer,
        List.of(ends));
  }

  private TemplateFormat ownTemplate() {
    return TemplateFormat.forAgents(TokenizerConfig.read(checkpoint), tokenizer, List.of());
  }

  @Test
  void aLaterTurnsPromptBeginsWithTheEarlierOne() {
    TemplateFormat format = ownTemplate();
    List<Message> first = List.of(Message.system("Act."), Message.user("go to cabinet 1"));
    List<Message> second =
        List.of(
            Message.system("Act."),
            Message.user("go to cabinet 1"),
            Message.assistant("open it"),
            Message.user("it is open"));
    int[] before = format.prompt(first);
    int[] answer = format.response("open it");
    int[] after = format.prompt(second);
    assertThat(Arrays.copyOf(after, before.length)).isEqualTo(before);
    assertThat(Arrays.copyOfRange(after, before.length, before.length + answer.length))
        .isEqualTo(answer);
    assertThat(before[0]).isEqualTo(IM_START);
  }

  @Test
  void tellsTheTemplateOfToolsTheirUsesAndTheirResults() {
    TemplateFormat format =
        format(
            """
            {% for t in tools or [] %}[{{ t.function.name }}: {{ t.function.parameters | tojson }}]{% endfor %}\
            {% for m in messages %}<|im_start|>{{ m.role }} {{ m.content }}\
            {% for c in m.tool_calls %}({{ c.function.name }} {{ c.function.arguments.path }}){% endfor %}\
            <|im_end|>{% endfor %}\
            """,
            Map.of(), IM_END);
    List<Message> messages =
        List.of(
            Message.user("look"),
            Message.assistant("", List.of(new ToolUse("call_1", "read", "{\"path\": \"a\"}"))),
            Message.tool("call_1", "text of a"));
    int[] prompt =
        format.prompt(
            messages, List.of(new ToolSpec("read", "Reads a file.", "{\"type\": \"object\"}")));
    assertThat(tokenizer.decode(prompt))
        .isEqualTo(
            "[read: {\"type\": \"object\"}]<|im_start|>user look<|im_end|>"
                + "<|im_start|>assistant (read a)<|im_end|><|im_start|>tool text of a<|im_end|>");
  }

  private static final List<ToolSpec> TOOLS =
      List.of(
          new ToolSpec("read", "Reads a file.", "{\"type\": \"object\"}"),
          new ToolSpec("list", "Lists files.", "{\"type\": \"object\"}"));

  private TemplateFormat like(String template) throws IOException {
    try (InputStream in = getClass().getResourceAsStream(template)) {
      String source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return format(source, Map.of("bos_token", ""), IM_END);
    }
  }

  @Test
  void writesUsesOfToolsAsTheTemplateDoesAndReadsThemBack() throws IOException {
    TemplateFormat format = like("tools-in-system.jinja");
    List<ToolUse> uses =
        List.of(
            new ToolUse("", "read", "{\"path\": \"a.txt\", \"lines\": {\"from\": 1}}"),
            new ToolUse("", "list", "{}"));
    int[] response = format.response("Let me look.", uses, TOOLS);

    assertThat(format.isEnded(response)).isTrue();
    assertThat(response).endsWith(IM_END).containsOnlyOnce(IM_END);
    assertThat(format.text(response))
        .isEqualTo(
            """
            Let me look.
            <tool_call>
            {"name": "read", "arguments": {"path": "a.txt", "lines": {"from": 1}}}
            </tool_call>
            <tool_call>
            {"name": "list", "arguments": {}}
            </tool_call>\
            """);
    ToolCallText.Response read = ToolCallText.parse(format.text(response));
    assertThat(read.content()).isEqualTo("Let me look.");
    assertThat(read.toolUses())
        .containsExactly(
            new ToolUse("call_1", "read", "{\"path\":\"a.txt\",\"lines\":{\"from\":1}}"),
            new ToolUse("call_2", "list", "{}"));
  }

  @Test
  void writesACallThatIsTheWholeResponseWhereTheTemplateKnowsNoOther() throws IOException {
    TemplateFormat format = like("headers.jinja");
    List<ToolUse> uses = List.of(new ToolUse("", "list", "{\"of\": 2}"));
    assertThat(ToolCallText.parse(format.text(format.response("", uses, TOOLS))).toolUses())
        .containsExactly(new ToolUse("call_1", "list", "{\"of\":2}"));
  }

  @Test
  void teachesNoUseOfToolsThatWouldNotBeReadAsOne() {
    TemplateFormat silent =
        format(
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>{% endfor %}"
                + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
            Map.of(), IM_END);
    List<ToolUse> uses = List.of(new ToolUse("", "list", "{}"));
    assertThatThrownBy(() -> silent.response("", uses, TOOLS))
        .isInstanceOf(DecoderInputException.class)
        .hasMessageContaining("does not write the use of [list] in a form that is understood");
    assertThat(silent.response("go", List.of(), TOOLS)).isEqualTo(silent.response("go"));
  }

  @Test
  void findsTheTokenThatTheTemplateWritesBehindAResponse() {
    TemplateFormat format = ownTemplate();
    assertThat(format.stopIds()).containsExactly(IM_END);
    int[] response = format.response("go");
    assertThat(response[response.length - 1]).isEqualTo(IM_END);
    assertThat(format.isEnded(response)).isTrue();
    assertThat(format.text(response)).isEqualTo("go");
    assertThat(format.text(Arrays.copyOf(response, response.length - 1))).isEqualTo("go");
    assertThat(format.isEnded(new int[0])).isFalse();
  }

  @Test
  void alsoStopsWhereTheCheckpointsSettingsSay() {
    String chat = "{% for m in messages %}{{ m.content }} <|im_end|>{% endfor %}";
    TemplateFormat format = format(chat, Map.of("eos_token", "<|endoftext|>"), 7, IM_END);
    assertThat(format.stopIds()).containsExactly(IM_END, 7, END_OF_TEXT);
    assertThat(format.isEnded(new int[] {40, 7})).isTrue();
    assertThat(format.isEnded(new int[] {7, 40})).isFalse();
    String bare = "{% for m in messages %}{{ m.content }}\n{% endfor %}";
    assertThat(format(bare, Map.of("eos_token", "<|endoftext|>"), 7).stopIds())
        .containsExactly(END_OF_TEXT, 7);
    assertThat(format(bare, Map.of(), 7).response("")).containsExactly(7);
    assertThatThrownBy(() -> format(bare, Map.of()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("names no token that ends a response; set eos_token_id in");
  }

  @Test
  void showsAgentsAnUnchangingDateAndAsksForNoThoughts() {
    String chat = "{{ strftime_now('%Y-%m-%d') }} {{ enable_thinking }}<|im_end|>";
    int[] prompt = format(chat, Map.of(), IM_END).prompt(List.of());
    assertThat(tokenizer.decode(prompt)).isEqualTo("2024-07-26 False<|im_end|>");
  }

  @Test
  void idsThatOnlyPadTheEmbeddingHaveNoText() {
    int padding = tokenizer.vocabularySize();
    int[] go = tokenizer.encode("go");
    int[] padded = Arrays.copyOf(go, go.length + 1);
    padded[go.length] = padding;
    assertThat(ownTemplate().text(padded)).isEqualTo("go");
  }
}
