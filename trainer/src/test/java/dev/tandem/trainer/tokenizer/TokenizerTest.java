package dev.tandem.trainer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.trainer.model.Fixtures;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.shape.DecoderInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizerTest {

  private static final List<String> SPECIALS = List.of("<|end|>", "<|user|>", "<|user|>x");
  private static final List<String> WORDS =
      List.of("go", "to", "cabinet", "1", "2", "é", "take", "a", "—", "open.");

  @TempDir private Path directory;

  private void writeTokenizer() throws IOException {
    Files.write(directory.resolve("tokenizer.json"), WordLevelTokenizer.json(SPECIALS, WORDS));
  }

  @Test
  void numbersPaddingUnknownSpecialsAndWordsInThatOrder() throws IOException {
    writeTokenizer();
    try (TextTokenizer tokenizer = TextTokenizer.load(directory)) {
      assertThat(tokenizer).isInstanceOf(WordLevelTokenizer.class);
      assertThat(tokenizer.encode("<|pad|><|unk|> <|end|>")).containsExactly(0, 1, 2);
      assertThat(tokenizer.encode("go to\tcabinet 1<|user|>xgo fly"))
          .containsExactly(5, 6, 7, 8, 4, 5, 1);
      assertThat(tokenizer.decode(new int[] {5, 6, 7, 8, 2})).isEqualTo("go to cabinet 1 <|end|>");
      assertThat(tokenizer.vocabularySize()).isEqualTo(15);
      assertThat(tokenizer.specialToken("<|end|>")).isEqualTo(2);
      assertThatThrownBy(() -> tokenizer.specialToken("<|nope|>"))
          .isInstanceOf(DecoderInputException.class)
          .hasMessageContaining("no special token \"<|nope|>\"");
      assertThatThrownBy(() -> tokenizer.decode(new int[] {15}))
          .isInstanceOf(DecoderInputException.class)
          .hasMessageContaining("token id 15");
    }
  }

  @Test
  void encodesAndDecodesLikeTheTokenizersLibrary() throws IOException {
    writeTokenizer();
    TokenizerFile file = TokenizerFile.read(directory.resolve("tokenizer.json"));
    String[] pieces = {
      "go",
      "to",
      "cabinet",
      "1",
      "é",
      "—",
      "open.",
      "zzz",
      "<|end|>",
      "<|user|>",
      "<|user|>x",
      "<|",
      " ",
      "  ",
      "\n",
      "\t",
      "\u00A0",
      "\u2003",
      "\u3000",
      "\u001C",
      "\u200B",
      "\uD83D\uDE00",
      ""
    };
    SplittableRandom random = new SplittableRandom(1);
    try (TextTokenizer ours = new WordLevelTokenizer(file);
        TextTokenizer theirs = new HuggingFaceTextTokenizer(file)) {
      assertThat(ours.specialTokens()).isEqualTo(theirs.specialTokens());
      assertThat(ours.vocabularySize()).isEqualTo(theirs.vocabularySize());
      for (int i = 0; i < 500; i++) {
        StringBuilder text = new StringBuilder();
        for (int j = random.nextInt(12); j > 0; j--) {
          text.append(pieces[random.nextInt(pieces.length)]);
        }
        int[] ids = ours.encode(text.toString());
        assertThat(ids).as("\"%s\"", text).isEqualTo(theirs.encode(text.toString()));
        assertThat(ours.decode(ids)).isEqualTo(theirs.decode(ids));
      }
    }
  }

  @Test
  void recognisesSpecialTokensInTextAndAddsNone() {
    Path checkpoint = Fixtures.checkpoint("qwen3-tied");
    JsonNode chat = JsonFiles.read(checkpoint.resolve("expected.json")).path("chat");
    int[] expected = new int[chat.path("input_ids").size()];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = chat.path("input_ids").get(i).asInt();
    }
    try (TextTokenizer tokenizer = TextTokenizer.load(checkpoint)) {
      assertThat(tokenizer).isInstanceOf(HuggingFaceTextTokenizer.class);
      String text = chat.path("rendered").asText();
      assertThat(tokenizer.encode(text)).isEqualTo(expected);
      assertThat(tokenizer.decode(expected)).isEqualTo(text);
      assertThat(tokenizer.specialToken("<|im_end|>")).isEqualTo(2);
    }
  }

  @Test
  void refusesWordsThatCannotBeTokens() {
    assertThatThrownBy(() -> WordLevelTokenizer.json(List.of(), List.of("two words")))
        .isInstanceOf(DecoderInputException.class)
        .hasMessageContaining("\"two words\" cannot be a token");
    assertThatThrownBy(() -> WordLevelTokenizer.json(List.of("a"), List.of("a")))
        .isInstanceOf(DecoderInputException.class)
        .hasMessageContaining("\"a\" is listed twice");
  }

  @Test
  void namesAMissingFile() {
    assertThatThrownBy(() -> TextTokenizer.load(directory))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tokenizer.json: the file is missing");
  }
}
