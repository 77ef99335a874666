package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.trainer.plugin.ScratchProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A world, a processor and a model from a jar train, evaluate and evolve by recipe alone. */
final class PluginRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String RECIPE =
      """
      plugins: [scratch.jar]
      seed: 2
      rounds: 2
      environment: {name: corridor, length: 3}
      harness:
        processors:
          - type: system_prompt
          - type: history_window
            turns: 1
      model: {layers: 1, width: 32, heads: 2, key_value_heads: 1, head_dim: 16, mlp_width: 64,
        context_length: 256, response_tokens: 6}
      warm_start: {episodes: 30, passes: 1}
      rollout: {tasks_per_round: 6, episodes_per_task: 3, train_tasks: 12, concurrency: 32}
      aegis:
        actionable: 0
        bundle: {helps: 0.01, risk: 0.99}
        gate: {batch: 6, maximum_pairs: 24, power: 0}
      evaluation: {sealed_episodes: 12, curve_episodes: 6}
      """;

  private static final String PROVIDED =
      """
      plugins: [scratch.jar]
      mode: harness
      rounds: 12
      environment: corridor
      model: {provider: timid}
      harness:
        processors:
          - type: system_prompt
          - type: history_window
            turns: 1
      rollout: {tasks_per_round: 12, episodes_per_task: 2, train_tasks: 12, concurrency: 32}
      aegis:
        gate: {batch: 12, maximum_pairs: 48}
      evaluation: {sealed_episodes: 12, curve_episodes: 6}
      """;

  @TempDir private Path folder;

  @BeforeEach
  void buildTheProject() throws IOException {
    ScratchProject.jar(folder);
  }

  private static CommandLineOf.Said tandem(int status, String... arguments) {
    CommandLineOf.Said said = CommandLineOf.tandem((Object[]) arguments);
    assertThat(said.status()).as(said.err()).isEqualTo(status);
    return said;
  }

  private static JsonNode json(String... arguments) throws IOException {
    return JSON.readTree(
        tandem(0, arguments).out().lines().reduce((first, last) -> last).orElse(""));
  }

  private static String complaint(String... arguments) {
    return tandem(2, arguments).err();
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private JsonNode train(String recipe, String... more) throws IOException {
    return json(
        Stream.concat(
                Stream.of("train", recipe, "--out", path("run"), "--device", "cpu", "--json"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void aFreshModelLearnsInAWorldFromAJar() throws IOException {
    JsonNode summary = train(file("recipe.yaml", RECIPE));
    assertThat(summary.path("rounds").asInt()).isEqualTo(2);
    assertThat(summary.path("start").path("sealed").path("episodes").asInt()).isEqualTo(12);
    assertThat(Files.readAllLines(folder.resolve("run/config.yaml")))
        .contains("  name: corridor", "  length: 3")
        .anyMatch(line -> line.contains(folder.resolve("scratch.jar").toString()))
        .anyMatch(line -> line.matches(" *sha256: \"?[0-9a-f]{64}\"?"));
    String checkpoint = path("run/checkpoints/round-0002");
    String harness = path("run/harness.yaml");
    JsonNode rate =
        json(
            "eval",
            "--checkpoint",
            checkpoint,
            "--harness",
            harness,
            "--device",
            "cpu",
            "--json",
            "--episodes",
            "12");
    assertThat(rate.path("success").asDouble())
        .isEqualTo(summary.path("end").path("sealed").path("success").asDouble(), within(0.5));
    assertThat(json("harness", "show", path("run"), "--json").path("hash").asText())
        .isEqualTo(summary.path("harness_sha256").asText());
  }

  @Test
  void evolutionFindsTheProcessorThatAModelFromAJarNeeds() throws IOException {
    JsonNode summary = train(file("provided.yaml", PROVIDED));
    assertThat(summary.path("start").path("sealed").path("success").asDouble()).isZero();
    assertThat(Files.readString(folder.resolve("run/ledger.jsonl"))).contains("compass_note");
    assertThat(Files.readString(folder.resolve("run/harness.yaml"))).contains("compass_note");
    assertThat(summary.path("end").path("sealed").path("success").asDouble()).isEqualTo(1);
    Path latest = folder.resolve("run/checkpoints/round-0012");
    assertThat(latest.resolve("provider.json")).content().contains("timid", "step left");
    assertThat(latest.toFile().list()).contains("provider.json").doesNotContain("config.json");
    JsonNode evolved =
        json(
            "eval",
            "--plugin",
            path("scratch.jar"),
            "--provider",
            "timid",
            "--env",
            "corridor",
            "--env-set",
            "length=2",
            "--harness",
            path("run/harness.yaml"),
            "--episodes",
            "6",
            "--json");
    assertThat(evolved.path("success").asDouble()).isEqualTo(1);
  }

  @Test
  void whatAnswersFromOutsideCannotBeTrained() throws IOException {
    assertThat(
            complaint(
                "train",
                file("provided.yaml", PROVIDED),
                "--set",
                "mode=coevolve",
                "--out",
                path("run")))
        .contains("--set mode=coevolve", "'timid' cannot be trained", "mode harness or static");
  }

  @Test
  void aMisspelledParameterIsRefusedInItsLine() throws IOException {
    assertThat(
            complaint(
                "train",
                file("recipe.yaml", RECIPE.replace("length: 3", "lenght: 3")),
                "--out",
                path("run")))
        .contains("recipe.yaml:4", "unknown parameter 'lenght'", "did you mean 'length'");
  }

  @Test
  void changedCodeIsAnotherHarnessAndNoRunGoesOnWithIt() throws IOException {
    String harness = file("harness.yaml", "processors: [{type: compass_note}]\n");
    String plain = file("plain.yaml", "processors: [{type: system_prompt}]\n");
    String before = hash(harness);
    String plainBefore = hash(plain);
    train(file("provided.yaml", PROVIDED), "--set", "rounds=1");

    ScratchProject.jar(folder, "scratch.jar", text -> text, ScratchProject.SERVICES, true);
    assertThat(hash(harness)).as("the order of a jar's entries").isEqualTo(before);

    ScratchProject.jar(
        folder,
        "scratch.jar",
        text -> text.replace("the door is right .", "the door is right right ."),
        ScratchProject.SERVICES,
        false);
    assertThat(hash(harness)).isNotEqualTo(before);
    assertThat(hash(plain)).isEqualTo(plainBefore);
    assertThat(
            complaint(
                "train",
                path("provided.yaml"),
                "--set",
                "rounds=1",
                "--out",
                path("run"),
                "--resume"))
        .contains(
            "scratch.jar has changed since the run in", "which kept the old one: resume with");
  }

  @Test
  void aRunGoesOnWithTheJarsItBeganWithThoughTheyWereBuiltAgainSince() throws IOException {
    JsonNode first = train(file("recipe.yaml", RECIPE), "--set", "rounds=0");
    assertThat(shownHash()).isEqualTo(first.path("harness_sha256").asText());
    ScratchProject.jar(
        folder,
        "scratch.jar",
        text -> text.replace("the door is right .", "the door is right right ."),
        ScratchProject.SERVICES,
        false);
    assertThat(shownHash()).isEqualTo(first.path("harness_sha256").asText());

    Files.delete(folder.resolve("scratch.jar"));
    JsonNode longer = train(path("run/config.yaml"), "--set", "rounds=1", "--resume");
    assertThat(longer.path("rounds").asInt()).isEqualTo(1);
    assertThat(folder.resolve("run/config.yaml"))
        .content()
        .contains(folder.resolve("scratch.jar").toString())
        .doesNotContain("run/plugins");
    JsonNode evaluated =
        json(
            "eval",
            "--checkpoint",
            path("run/checkpoints/round-0001"),
            "--harness",
            path("run/harness.yaml"),
            "--device",
            "cpu",
            "--json",
            "--episodes",
            "6");
    assertThat(evaluated.path("episodes").asInt()).isEqualTo(6);
  }

  private String shownHash() throws IOException {
    return json("harness", "show", path("run"), "--json").path("hash").asText();
  }

  private String hash(String harness) throws IOException {
    return json("harness", "show", harness, "--plugin", path("scratch.jar"), "--json")
        .path("hash")
        .asText();
  }

  @Test
  void theDoctorSaysWhatAJarBrings() {
    assertThat(CommandLineOf.tandem("doctor", "--plugin", path("scratch.jar")).out())
        .contains("environments [corridor], processors [compass_note], providers [timid]");
  }

  @Test
  void aProcessorThatNobodyServesIsRefusedWithTheKeyThatWould() throws IOException {
    for (List<String> need :
        List.of(
            List.of("retrieval_memory", "services.memory"),
            List.of("skill_documents", "services.skills"),
            List.of("verifier_bridge", "services.completion_check"),
            List.of("trace_log", "services.trace_log"),
            List.of("episode_metrics", "services.metrics"),
            List.of("training_bridge", "services.turns"),
            List.of("telemetry_spans", "services.telemetry"),
            List.of("model_judge", "models.judge"))) {
      String recipe =
          file("needy.yaml", PROVIDED.replace("type: system_prompt", "type: " + need.getFirst()));
      assertThat(complaint("train", recipe, "--out", path("needy")))
          .contains("harness: the processor '%s' cannot work".formatted(need.getFirst()))
          .contains("say %s in the recipe".formatted(need.getLast()));
    }
  }

  @Test
  void everyServiceThatARecipeCanNameIsThereForItsProcessor() throws IOException {
    Files.createDirectories(folder.resolve("skills"));
    file("skills/doors.md", "# Of doors\n\nThey are on the right.\n");
    file("lessons.jsonl", "{\"goal\": \"find the door\", \"text\": \"it was there\"}\n");
    String recipe =
        file(
            "served.yaml",
            PROVIDED.replace(
                    "- type: system_prompt",
                    Stream.of(
                            "retrieval_memory",
                            "skill_documents",
                            "trace_log",
                            "episode_metrics",
                            "training_bridge",
                            "telemetry_spans",
                            "model_judge",
                            "difficulty_router\n      version: hard",
                            "system_prompt")
                        .map(type -> "- type: " + type)
                        .collect(Collectors.joining("\n    ")))
                + """
                services: {memory: lessons.jsonl, skills: skills, trace_log: events.jsonl,
                  metrics: metrics-of-episodes.jsonl, turns: turns.jsonl, telemetry: true}
                models: {judge: {providers: [timid, {provider: timid, habit: 'yes'}],
                  retries: {timeout: {attempts: 2, first: 0, factor: 1, longest: 0}}}}
                versions: {hard: {processors: [{type: compass_note}]}}
                """);
    JsonNode summary = train(recipe, "--set", "rounds=1", "--set", "mode=static");
    assertThat(summary.path("rounds").asInt()).isEqualTo(1);
    assertThat(folder.resolve("run/events.jsonl")).isNotEmptyFile();
    assertThat(folder.resolve("run/metrics-of-episodes.jsonl")).isNotEmptyFile();
    assertThat(Files.readString(folder.resolve("run/config.yaml"))).contains("compass_note");
  }

  @Test
  void aVersionThatTheRecipeDoesNotHaveIsRefused() throws IOException {
    String recipe =
        file(
            "lost.yaml",
            PROVIDED.replace(
                "type: system_prompt", "type: difficulty_router\n      version: hard"));
    assertThat(complaint("train", recipe, "--out", path("lost")))
        .contains("goes on under the version 'hard'", "add it to versions");
  }
}
