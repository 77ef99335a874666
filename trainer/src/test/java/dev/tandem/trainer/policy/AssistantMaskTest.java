package dev.tandem.trainer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import dev.tandem.trainer.tokenizer.TokenizerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What of a conversation the assistant says, against the masks of transformers, which the script
 * beside them made, and where a template marks nothing.
 */
final class AssistantMaskTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNode REFERENCE = json(resource("masks.json"));

  @TempDir private static Path folder;

  private static String resource(String name) {
    try (InputStream in = AssistantMaskTest.class.getResourceAsStream("masks/" + name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeAll
  static void keepTokenizers() throws IOException {
    keep("bytes", resource("bytes.json"));
    keep(
        "trimmed",
        resource("bytes.json").replace("\"trim_offsets\": false", "\"trim_offsets\": true"));
    keep("words", resource("words.json"));
  }

  private static void keep(String name, String tokenizer) throws IOException {
    Files.createDirectories(folder.resolve(name));
    Files.writeString(folder.resolve(name).resolve("tokenizer.json"), tokenizer);
  }

  static Stream<JsonNode> cases() {
    return REFERENCE.path("cases").valueStream();
  }

  private static Transcripts transcripts(
      String tokenizer, String template, Chat chat, boolean observations) {
    try (TextTokenizer read = TextTokenizer.load(folder.resolve(tokenizer))) {
      return TemplateFormat.forAgents(
              new TokenizerConfig(
                  folder, Map.of("default", template), Map.of("eos_token", "<|end|>")),
              read,
              List.of())
          .transcripts(chat, observations);
    }
  }

  private static Chat chat(JsonNode messages) {
    return new Chat((ArrayNode) messages, JsonNodeFactory.instance.objectNode());
  }

  private static Chat chat(String... turns) {
    ArrayNode messages = JsonNodeFactory.instance.arrayNode();
    for (String turn : turns) {
      List<String> parts = List.of(turn.split(": ", 2));
      messages.addObject().put("role", parts.get(0)).put("content", parts.get(1));
    }
    return chat(messages);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void masksWhatTransformersMasks(JsonNode expected) {
    ObjectNode variables = JsonNodeFactory.instance.objectNode();
    if (!expected.path("tools").isNull()) {
      variables.set("tools", expected.path("tools"));
    }
    Transcripts found =
        transcripts(
            expected.path("tokenizer").asText(),
            REFERENCE.path("templates").path(expected.path("template").asText()).asText(),
            new Chat((ArrayNode) expected.path("messages"), variables),
            false);
    String mask = expected.path("mask").asText();
    if (!mask.contains("1")) {
      assertThat(found.parts()).isEmpty();
      assertThat(found.lost()).isZero();
      return;
    }
    assertThat(found.parts()).hasSize(1);
    Transcript whole = found.parts().getFirst();
    assertThat(
            Arrays.stream(whole.ids()).mapToObj(String::valueOf).collect(Collectors.joining(" ")))
        .isEqualTo(expected.path("ids").asText());
    assertThat(marks(whole.said())).isEqualTo(mask);
  }

  private static String marks(boolean[] said) {
    return IntStream.range(0, said.length)
        .mapToObj(i -> said[i] ? "1" : "0")
        .collect(Collectors.joining());
  }

  /** The text of each run of marked tokens. */
  private static List<String> marked(String tokenizer, Transcript transcript, boolean[] marks) {
    List<String> texts = new ArrayList<>();
    try (TextTokenizer read = TextTokenizer.load(folder.resolve(tokenizer))) {
      int from = 0;
      while (from < marks.length) {
        int to = from;
        while (to < marks.length && marks[to]) {
          to++;
        }
        if (to > from) {
          texts.add(read.decode(Arrays.copyOfRange(transcript.ids(), from, to)));
        }
        from = to + 1;
      }
    }
    return texts;
  }

  private static final String UNMARKED =
      "{% for m in messages %}<|start|>{{ m.role }}\n{{ m.content }}<|end|>{{ '\n' }}{% endfor %}"
          + "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}";

  private static final Chat CHAT =
      chat(
          "system: the cat",
          "user: user",
          "assistant: hello caf\u00e9",
          "tool: said: end",
          "user: and",
          "assistant: sat \ud83d\ude42");

  @Test
  void findsAnswersBetweenThePromptAndTheEndOfTheTurn() {
    for (String tokenizer : List.of("bytes", "trimmed")) {
      Transcripts found = transcripts(tokenizer, UNMARKED, CHAT, true);
      assertThat(found.lost()).isZero();
      assertThat(found.parts()).hasSize(1);
      Transcript whole = found.parts().getFirst();
      assertThat(marked(tokenizer, whole, whole.said()))
          .containsExactly("hello caf\u00e9<|end|>", "sat \ud83d\ude42<|end|>");
      assertThat(marked(tokenizer, whole, whole.observed()))
          .as("without roles and markers")
          .containsExactly("user", "said: end", "and");
    }
  }

  @Test
  void marksTheSameWhereATemplateSaysItItself() {
    String marking =
        UNMARKED.replace(
            "{{ m.content }}<|end|>",
            "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|end|>{% endgeneration"
                + " %}{% else %}{{ m.content }}<|end|>{% endif %}");
    Transcript told = transcripts("bytes", marking, CHAT, true).parts().getFirst();
    Transcript found = transcripts("bytes", UNMARKED, CHAT, true).parts().getFirst();
    assertThat(told.ids()).isEqualTo(found.ids());
    assertThat(told.said()).isEqualTo(found.said());
    assertThat(told.observed()).isEqualTo(found.observed());
  }

  /** As Qwen 3's: thoughts are shown of the last answer alone, and the prompt may end them. */
  @Test
  void learnsAnswersOneByOneWhereALaterTurnChangesWhatWasBefore() {
    String thinking = resource("../thinking.jinja").replace("<|im_start|>", "<|start|>");
    thinking = thinking.replace("<|im_end|>", "<|end|>");
    Chat chat = chat("user: a", "assistant: <think>\nhm\n</think>\n\nb", "user: c", "assistant: d");
    Transcripts found = transcripts("bytes", thinking, chat, false);
    assertThat(found.lost()).isZero();
    assertThat(found.parts()).hasSize(2);
    assertThat(found.parts().stream().map(part -> marked("bytes", part, part.said())))
        .containsExactly(List.of("<think>\nhm\n</think>\n\nb<|end|>"), List.of("d<|end|>"));
  }

  @Test
  void countsAnswersThatHaveNoPlace() {
    String upside =
        "{% for m in messages[::-1] %}<|start|>{{ m.content }}<|end|>{% endfor %}"
            + "{% if add_generation_prompt %}<|start|>{% endif %}";
    Transcripts found = transcripts("bytes", upside, CHAT, false);
    assertThat(found.parts()).isEmpty();
    assertThat(found.lost()).isEqualTo(2);
  }
}
