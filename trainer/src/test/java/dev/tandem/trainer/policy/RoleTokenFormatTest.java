package dev.tandem.trainer.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.model.Message;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import dev.tandem.trainer.tokenizer.TokenizerConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RoleTokenFormatTest {
  private static final int UNKNOWN = 1;
  private static final int END = 2;
  private static final int SYSTEM = 3;
  private static final int USER = 4;
  private static final int ASSISTANT = 5;
  private static final int GO = 6;
  private static final int TO = 7;
  private static final int BED = 8;

  private final TextTokenizer tokenizer =
      Tiny.tokenizer(RoleTokenFormat.SPECIAL_TOKENS, "go", "to", "bed");
  private final RoleTokenFormat format = new RoleTokenFormat(tokenizer);

  @Test
  void putsARoleBeforeEachMessageAndAnEndAfterTheAssistants() {
    int[] prompt =
        format.prompt(
            List.of(
                Message.system("bed to"),
                Message.user("go"),
                Message.assistant("go to bed"),
                Message.user("to go")));
    assertThat(prompt)
        .containsExactly(
            SYSTEM, BED, TO, USER, GO, ASSISTANT, GO, TO, BED, END, USER, TO, GO, ASSISTANT);
  }

  @Test
  void theTemplateInTheTokenizersConfigurationSaysTheSame() {
    String written =
        "<|system|> bed <|user|> go <|assistant|> to <|end|> <|user|> go <|assistant|> ";
    assertThat(tokenizer.encode(written))
        .containsExactly(
            format.prompt(
                List.of(
                    Message.system("bed"),
                    Message.user("go"),
                    Message.assistant("to"),
                    Message.user("go"))));
    TokenizerConfig config =
        new TokenizerConfig(Path.of("ours"), Map.of("default", RoleTokenFormat.TEMPLATE), Map.of());
    TemplateFormat template = TemplateFormat.forAgents(config, tokenizer, List.of());
    List<Message> messages =
        List.of(
            Message.system("bed to"),
            Message.user("go"),
            Message.assistant("to bed"),
            Message.user("go go"));
    assertThat(template.prompt(messages)).containsExactly(format.prompt(messages));
    assertThat(template.response("to bed")).containsExactly(format.response("to bed"));
    assertThat(template.stopIds()).containsExactly(format.stopIds());
  }

  @Test
  void anEmptyConversationAsksTheAssistantToBegin() {
    assertThat(format.prompt(List.of())).containsExactly(ASSISTANT);
    assertThat(format.prompt(List.of(Message.user("")))).containsExactly(USER, ASSISTANT);
  }

  @Test
  void aResponseEndsWithTheStopTokenAndComesBackWithoutIt() {
    int[] response = format.response("go to bed");
    assertThat(response).containsExactly(GO, TO, BED, END);
    assertThat(format.text(response)).isEqualTo("go to bed");
    assertThat(format.isEnded(response)).isTrue();
    assertThat(format.stopIds()).containsExactly(END);
  }

  @Test
  void aResponseThatWasCutShortKeepsAllItsWords() {
    assertThat(format.text(new int[] {GO, TO})).isEqualTo("go to");
    assertThat(format.isEnded(new int[] {GO, TO})).isFalse();
    assertThat(format.text(new int[0])).isEmpty();
    assertThat(format.isEnded(new int[0])).isFalse();
  }

  @Test
  void wordsOutsideTheVocabularyAreOneUnknownTokenEach() {
    assertThat(format.response("go upstairs now")).containsExactly(GO, UNKNOWN, UNKNOWN, END);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<|end|>", "<|system|>", "<|user|>", "<|assistant|>"})
  void refusesATokenizerWithoutOneOfItsTokens(String missing) {
    List<String> rest = new ArrayList<>(RoleTokenFormat.SPECIAL_TOKENS);
    rest.remove(missing);
    TextTokenizer other = Tiny.tokenizer(rest, "go");
    assertThatThrownBy(() -> new RoleTokenFormat(other))
        .isInstanceOf(DecoderInputException.class)
        .hasMessageStartingWith(
            "the tokenizer has no special token \"%s\"; it has ".formatted(missing));
  }
}
