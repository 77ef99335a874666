package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Comparisons of runs that take a second each, as a user starts them. */
final class CompareVerbTest {
  private static final String RECIPE =
      """
      environment: house
      rounds: 9
      model: {layers: 1, width: 16, heads: 2, key_value_heads: 1, head_dim: 8, mlp_width: 32}
      warm_start: {episodes: 8, passes: 1}
      harness:
        processors:
          - type: system_prompt
          - type: house_view
      rollout: {tasks_per_round: 2, episodes_per_task: 2, train_tasks: 8, max_episodes: 9}
      evaluation: {sealed_episodes: 4, curve_episodes: 2, every: 9}
      """;

  private static final String PLAN =
      """
      recipe: recipe.yaml
      seeds: [1]
      reference: training
      conditions:
        static: {set: {mode: static, rounds: 0}}
        training: {set: {mode: model}}
        tried: {set: {mode: static, rounds: 0}, attempts: 3}
      """;

  @TempDir private Path folder;
  private Path plan = Path.of("");

  @BeforeEach
  void write() throws IOException {
    Files.writeString(folder.resolve("recipe.yaml"), RECIPE);
    plan = Files.writeString(folder.resolve("plan.yaml"), PLAN);
  }

  @Test
  void playsEveryRunAndHoldsThemAgainstEachOther() throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    try (ChildRun first =
        ChildRun.start(
            folder, "compare", "plan.yaml", "--out", "out", "--jobs", "2", "--device", "cpu")) {
      assertThat(first.status()).as(first.said()).isZero();
      assertThat(first.said()).contains("training/1 is complete", "training against");
    }
    JsonNode table = new ObjectMapper().readTree(Files.readString(out.resolve("comparison.json")));
    assertThat(table.path("rows").findValuesAsText("condition"))
        .containsExactly("static", "training", "tried");
    // Two rounds of four fit into nine; three attempts at four tasks are eight more than one.
    assertThat(table.path("rows").findValuesAsText("episodes"))
        .containsExactly("0.0", "8.0", "8.0");
    assertThat(table.path("missing")).isEmpty();
    assertThat(Files.readString(out.resolve("training-1/metrics.jsonl")).lines()).hasSize(3);
    assertThat(Files.readString(out.resolve("training-1/config.yaml")))
        .contains("start-1/checkpoints/round-0000");
    assertThat(out.resolve("comparison.html")).isNotEmptyFile();

    assertThat(
            Mistake.sentence(2, List.of(out), "compare", plan.toString(), "--out", out.toString()))
        .isEqualTo(
            "tandem: %s already holds a comparison; add --resume to go on with it or name another --out"
                .formatted(out));

    Files.delete(out.resolve("outcomes/training-1.json"));
    try (ChildRun again =
        ChildRun.start(
            folder, "compare", "plan.yaml", "--out", "out", "--resume", "--device", "cpu")) {
      assertThat(again.status()).as(again.said()).isZero();
      assertThat(again.said()).contains("training/1 is complete").doesNotContain("static/1 is");
    }
    assertThat(new ObjectMapper().readTree(Files.readString(out.resolve("comparison.json"))))
        .isEqualTo(table);
  }

  @Test
  void aRunThatFailsIsNamedWithItsReasonAndTheOthersAreKept()
      throws IOException, InterruptedException {
    String tried = "  tried: {set: {mode: static, rounds: 0}, attempts: 3}\n";
    Files.writeString(plan, PLAN.replace(tried, ""));
    Files.createDirectories(folder.resolve("out"));
    Files.writeString(folder.resolve("out/training-1"), "in the way");
    try (ChildRun run =
        ChildRun.start(folder, "compare", "plan.yaml", "--out", "out", "--device", "cpu")) {
      assertThat(run.status()).as(run.said()).isEqualTo(1);
      assertThat(run.said())
          .contains("training/1 failed: tandem: ", "is a file; name a folder")
          .contains("1 of 2 runs failed (training/1)")
          .contains("not there yet: training/1");
    }
  }

  @Test
  void namesTheRunsThereAreWhenAskedForAnother() throws IOException {
    assertThat(
            Mistake.sentence(2, List.of(folder), "compare", plan.toString(), "--only", "trainig/1"))
        .isEqualTo(
            "tandem: --only trainig/1 is no run of the plan; there are [start/1, static/1,"
                + " training/1, tried/1]");
  }

  @Test
  void aRecipeThatDoesNotLoadIsRefusedBeforeAnythingIsPlayed() throws IOException {
    Files.writeString(plan, PLAN.replace("{mode: model}", "{mode: modl}"));
    assertThat(
            Mistake.sentence(
                2,
                List.of(folder),
                "compare",
                plan.toString(),
                "--out",
                folder.resolve("out").toString()))
        .contains("modl");
  }
}
