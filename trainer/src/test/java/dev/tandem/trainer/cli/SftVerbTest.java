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

final class SftVerbTest {
  private static final String RECIPE =
      """
      harness:
        processors: [{type: system_prompt}, {type: house_view}]
      warm_start: {episodes: 4, passes: 1, batch: 8, optimiser: adamw, learning_rate: 0.01}
      """;

  @TempDir private Path folder;
  private Path recipe = Path.of("");
  private Path model = Path.of("");

  @BeforeEach
  void keepAModel() throws IOException {
    recipe = Files.writeString(folder.resolve("recipe.yaml"), RECIPE);
    model = folder.resolve("model");
    try (Policy policy = Tiny.policy(1)) {
      policy.save(model);
    }
  }

  private String[] sft(Path chats, Object... more) {
    return Stream.concat(
            Stream.of(
                "sft",
                recipe,
                "--chats",
                chats,
                "--checkpoint",
                model,
                "--out",
                folder.resolve("out"),
                "--device",
                "cpu"),
            Stream.of(more))
        .map(String::valueOf)
        .toArray(String[]::new);
  }

  @Test
  void writesTheExpertsAnswersAndTeachesThemToACheckpoint() throws IOException {
    Path shown = folder.resolve("it's shown.jsonl");
    CommandLineOf.Said written =
        CommandLineOf.tandem("sft", recipe, "--demonstrations", shown, "--device", "cpu");
    assertThat(written.err()).isEmpty();
    List<String> lines = Files.readAllLines(shown);
    assertThat(written.out()).contains("%d conversations are in ".formatted(lines.size()));

    CommandLineOf.Said taught = CommandLineOf.tandem((Object[]) sft(shown, "--json"));
    assertThat(taught.status()).as(taught.err()).isZero();
    JsonNode result = new ObjectMapper().readTree(taught.out());
    assertThat(result.path("after").path("loss").asDouble())
        .isLessThan(0.9 * result.path("before").path("loss").asDouble());
    assertThat(taught.err())
        .containsPattern("warm start: \\d+ conversations, \\d+ of them held out");
    assertThat(folder.resolve("out/checkpoint/config.json")).exists();

    CommandLineOf.Said again = CommandLineOf.tandem((Object[]) sft(shown, "--json", "--resume"));
    assertThat(new ObjectMapper().readTree(again.out())).isEqualTo(result);
    assertThat(mistake(sft(shown)))
        .contains("out already holds a warm start; add --resume to go on with it or name another");
    assertThat(mistake(sft(shown, "--resume", "--set", "warm_start.passes=2")))
        .contains("began with warm_start.passes: 1 and the recipe now says 2: resume with");
  }

  private String mistake(String... arguments) throws IOException {
    return Mistake.sentence(2, List.of(model), arguments);
  }

  @Test
  void namesWhatIsWrongBeforeItBegins() throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.jsonl"), "{\"messages\": 1}\n");
    assertThat(mistake(sft(bad))).contains("bad.jsonl:1: has no messages; write");
    assertThat(mistake(sft(folder.resolve("no.jsonl")))).contains("no.jsonl: does not exist");
    assertThat(mistake(sft(bad, "--resume"))).contains("holds no warm start to resume");
    assertThat(mistake("sft", recipe.toString(), "--set", "warm_start.chats.too_long=cut"))
        .contains("max_tokens and too_long are for conversations: name their file");
    assertThat(mistake("sft", recipe.toString(), "--set", "model.lora.rank=4"))
        .contains("model.lora.rank: is for a checkpoint's adapter, and a fresh model learns");
    assertThat(mistake(sft(bad, "--demonstrations", folder.resolve("new.jsonl"))))
        .contains("--demonstrations writes what an expert shows, and the recipe names conv");
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
