package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HarnessVerbTest {
  private static final ProcessorRegistry REGISTRY = ProcessorRegistry.builtIn();

  private static final String BEFORE =
      """
      description: the plain one
      processors:
        - type: system_prompt
        - type: history_window
          turns: 1
      """;
  private static final String AFTER =
      """
      processors:
        - type: history_window
          turns: 2
        - type: system_prompt
          template: |
            goal : {goal} .
            be quick .
        - type: loop_guard
      """;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path folder;
  private String before = "";
  private String after = "";

  @BeforeEach
  void writeFiles() throws IOException {
    before = write("before.yaml", BEFORE);
    after = write("after.yaml", AFTER);
  }

  private String write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private JsonNode json() throws IOException {
    return new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void showsHashSlotsProcessorsAndOrder() {
    assertThat(run("harness", "show", before)).isZero();

    assertThat(out.toString(StandardCharsets.UTF_8))
        .startsWith(
            "hash "
                + HarnessConfig.parse(BEFORE, "", REGISTRY).hash(REGISTRY)
                + "\nthe plain one\nslots\n")
        .contains("  tools           *\n", "    turns = 1\n")
        .contains("order\n  task_start      system_prompt\n  step_start      history_window\n");
  }

  @Test
  void showsJsonForScriptsAndTakesARunFolder() throws IOException {
    write("harness.yaml", AFTER);

    assertThat(run("harness", "show", "--json", folder.toString())).isZero();

    assertThat(json().path("hash").asText())
        .isEqualTo(HarnessConfig.parse(AFTER, "", REGISTRY).hash(REGISTRY));
    assertThat(json().path("hooks").path("after_model").get(0).asText()).isEqualTo("loop_guard");
    assertThat(json().path("processors").get(0).path("parameters").path("turns").asInt())
        .isEqualTo(2);
    assertThat(json().path("slots").path("sandbox").asText()).isEqualTo("worker");
  }

  @Test
  void diffSaysWhatWasAddedTurnedAndRewritten() {
    assertThat(run("harness", "diff", before, after)).isZero();

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("added loop_guard(action=retry, repeats=1) at position 3\n")
        .contains("history_window: turns from 1 to 2\n")
        .contains("system_prompt: template:\n--- before\n+++ after\n", "+be quick .\n")
        .as("the two act at different hooks, so their order in the list is no behaviour")
        .doesNotContain("moved");
  }

  @Test
  void diffOfTheSameBehaviourIsEmpty() throws IOException {
    String renamed = write("renamed.yaml", BEFORE.replace("plain", "other"));

    assertThat(run("harness", "diff", before, renamed)).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("behave alike");
    assertThat(run("harness", "diff", "--json", before, after)).isZero();
    assertThat(json().path("changes").findValuesAsText("kind"))
        .containsExactlyInAnyOrder("added", "reparametrised", "reparametrised");
  }

  @Test
  void validateTellsEveryProblemWithItsLineAndFails() throws IOException {
    String wrong =
        write(
            "wrong.yaml",
            "processors:\n  - type: loop_gard\n  - type: history_window\n    turns: 99\n");

    assertThat(run("harness", "validate", before, wrong)).isEqualTo(1);

    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith(before + " is valid, hash ");
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "tandem: %s:2: unknown processor type 'loop_gard': did you mean 'loop_guard'?"
                .formatted(wrong),
            "tandem: %s:4: 'history_window': turns must be a whole number from 0 to 50, was 99"
                .formatted(wrong));
  }

  @Test
  void validateInJsonListsFilesAndProblems() throws IOException {
    String wrong = write("wrong.yaml", "processors:\n  - type: loop_gard\n");

    assertThat(run("harness", "validate", "--json", before, wrong)).isEqualTo(1);

    assertThat(json().path("valid").asBoolean()).isFalse();
    assertThat(json().path("files").get(0).path("problems")).isEmpty();
    assertThat(json().path("files").get(1).path("problems")).hasSize(1);
  }

  @Test
  void whatCannotBeReadIsAMistakeInTheCommandLine() throws IOException {
    String wrong = write("wrong.yaml", "processors:\n  - type: loop_gard\n");

    assertThat(run("harness", "show", wrong)).isEqualTo(2);
    assertThat(run("harness", "show", folder.resolve("absent").toString())).isEqualTo(2);
    assertThat(run("harness")).isEqualTo(2);
  }

  private int run(String... arguments) {
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    return Tandem.run(console, new Failures(console, folder), arguments);
  }
}
