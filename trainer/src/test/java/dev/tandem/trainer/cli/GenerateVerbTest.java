package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GenerateVerbTest {
  @TempDir private Path folder;

  @BeforeEach
  void keepAModel() {
    try (Policy policy = Tiny.policy(1)) {
      policy.save(folder.resolve("model"));
    }
  }

  private CommandLineOf.Said run(String... more) {
    List<String> fixed =
        List.of(
            "generate",
            "--checkpoint",
            folder.resolve("model").toString(),
            "--device",
            "cpu",
            "--max-new-tokens",
            "8");
    return CommandLineOf.tandem(Stream.concat(fixed.stream(), Stream.of(more)).toArray());
  }

  private String generated(String... more) {
    CommandLineOf.Said said = run(more);
    assertThat(said.status()).as(said.err()).isZero();
    return said.out();
  }

  private String mistake(String... more) {
    CommandLineOf.Said said = run(more);
    assertThat(said.status()).isEqualTo(2);
    return said.err();
  }

  @Test
  void answersAMessageAsTheWrittenOutPromptIsContinued() throws IOException {
    String chat = generated("--greedy", "--chat", "--system", "you are", "--prompt", "in a room");
    String written =
        generated(
            "--greedy",
            "--prompt",
            "<|system|> you are <|user|> in a room <|assistant|>",
            "--json");
    JsonNode result = new ObjectMapper().readTree(written);
    assertThat(result.path("text").textValue().replace(" <|end|>", "")).isEqualTo(chat.strip());
    assertThat(result.path("output_ids").get(0).size()).isBetween(1, 8);
  }

  @Test
  void answersAConversationFromAFile() throws IOException {
    Path messages = folder.resolve("messages.json");
    String list =
        "[{\"role\": \"system\", \"content\": \"you are\"}, {\"role\": \"user\", \"content\": \"in"
            + " a room\"}]";
    Files.writeString(messages, list);
    String chat = generated("--greedy", "--chat", "--system", "you are", "--prompt", "in a room");
    assertThat(generated("--greedy", "--messages", messages.toString())).isEqualTo(chat);
    Files.writeString(messages, "{\"messages\": " + list + ", \"tools\": []}");
    assertThat(generated("--greedy", "--messages", messages.toString())).isEqualTo(chat);
  }

  @Test
  void drawsTheSameTextForTheSameSeed() {
    String first = generated("--chat", "--prompt", "in a room", "--seed", "4");
    assertThat(generated("--chat", "--prompt", "in a room", "--seed", "4")).isEqualTo(first);
  }

  @Test
  void aFilterThatLeavesOneTokenIsGreedy() {
    String greedy = generated("--greedy", "--prompt", "in a room");
    assertThat(generated("--prompt", "in a room", "--top-k", "1")).isEqualTo(greedy);
    assertThat(generated("--prompt", "in a room", "--top-p", "1e-9")).isEqualTo(greedy);
    assertThat(generated("--prompt", "in a room", "--min-p", "1")).isEqualTo(greedy);
    assertThat(mistake("--prompt", "in a room", "--top-p", "2")).contains("top-p", "2.0");
  }

  @Test
  void endsWhereAStopTextIsComplete() {
    String whole = generated("--greedy", "--prompt", "in a room").strip();
    String[] words = whole.split(" ", -1);
    String ended = generated("--greedy", "--prompt", "in a room", "--stop", words[2]).strip();
    assertThat(ended).endsWith(words[2]);
    assertThat(whole).startsWith(ended);
    assertThat(ended.split(" ", -1)).hasSizeLessThanOrEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          not json                    | is not JSON
          {"tools": []}               | has no messages
          []                          | has no messages
          [{"content": "hi"}]         | message 0 has no role
          [{"role": "user"}]          | message 0 has no content
          """)
  void explainsAFileThatIsNoConversation(String text, String problem) throws IOException {
    Path messages = Files.writeString(folder.resolve("messages.json"), text);
    assertThat(mistake("--messages", messages.toString()))
        .contains(messages.toString(), problem, "write [{\"role\": \"user\"");
  }

  @Test
  void explainsOptionsThatDoNotGoTogether() {
    assertThat(mistake("--prompt", "x", "--system", "y")).contains("--system needs --chat");
    assertThat(mistake("--messages", "m.json", "--chat")).contains("--chat needs --prompt");
    assertThat(mistake("--messages", "m.json", "--prompt", "x")).contains("mutually exclusive");
  }
}
