package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.model.Fixtures;
import dev.tandem.trainer.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EvalVerbTest {
  @TempDir private Path folder;

  @BeforeEach
  void keepAnAgent() throws IOException {
    try (Policy policy = Tiny.policy(1)) {
      policy.save(folder.resolve("model"));
    }
    Files.writeString(folder.resolve("harness.yaml"), Tiny.harness().toYaml());
  }

  private String eval(String... more) {
    return evalOf(folder.resolve("model").toString(), more);
  }

  private String evalOf(String checkpoint, String... more) {
    String[] fixed = {
      "eval",
      "--checkpoint",
      checkpoint,
      "--harness",
      folder.resolve("harness.yaml").toString(),
      "--device",
      "cpu"
    };
    String[] arguments = new String[fixed.length + more.length];
    System.arraycopy(fixed, 0, arguments, 0, fixed.length);
    System.arraycopy(more, 0, arguments, fixed.length, more.length);
    CommandLineOf.Said said = CommandLineOf.tandem((Object[]) arguments);
    assertThat(said.status()).as(said.err()).isZero();
    return said.out();
  }

  @Test
  void playsTheSealedSplitWhenNoneIsNamed() {
    assertThat(eval("--episodes", "4")).startsWith("sealed success ").contains("of 4");
  }

  @Test
  void playsTheSplitThatIsNamedInLowerCase() throws IOException {
    String first = eval("--episodes", "4", "--split", "gate", "--json");
    JsonNode rate = new ObjectMapper().readTree(first);
    assertThat(rate.path("episodes").asInt()).isEqualTo(4);
    assertThat(rate.path("success").isNumber()).isTrue();
    assertThat(eval("--episodes", "4", "--split", "gate", "--json")).isEqualTo(first);
  }

  @Test
  void playsWithAPublishedCheckpointThroughItsOwnTemplate() throws IOException {
    String arguments = Fixtures.checkpoint("qwen3-tied").toString();
    String result = evalOf(arguments, "--episodes", "3", "--json");
    assertThat(new ObjectMapper().readTree(result).path("episodes").asInt()).isEqualTo(3);
    assertThat(evalOf(arguments, "--episodes", "3", "--json")).isEqualTo(result);
  }
}
