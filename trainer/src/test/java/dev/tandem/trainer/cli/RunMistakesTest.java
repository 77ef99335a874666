package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folders that hold a run already, or none, and runs that cannot go on so. */
final class RunMistakesTest {
  private static final String RECIPE =
      """
      mode: static
      rounds: 1
      harness:
        processors:
          - type: observation_renderer
      """;

  @TempDir private Path folder;
  private Path recipe = Path.of("");
  private Path finished = Path.of("");

  @BeforeEach
  void keepAFinishedRun() throws IOException {
    recipe = Files.writeString(folder.resolve("recipe.yaml"), RECIPE);
    finished = Mistake.finishedRun(folder);
  }

  private String mistake(int status, String... arguments) throws IOException {
    return Mistake.sentence(status, List.of(finished), arguments);
  }

  private String train(int status, Path to, String... more) throws IOException {
    String[] arguments =
        Stream.concat(
                Stream.of("train", recipe.toString(), "--out", to.toString(), "--device", "cpu"),
                Arrays.stream(more))
            .toArray(String[]::new);
    return mistake(status, arguments);
  }

  @Test
  void refusesAnOutputFolderThatIsAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertThat(train(2, file))
        .isEqualTo("tandem: --out %s: %s is a file; name a folder".formatted(file, file));
    assertThat(file).hasContent("mine");
  }

  @Test
  void refusesAnOutputFolderBelowAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertThat(train(2, file.resolve("run"))).contains("--out " + file.resolve("run"), "folder");
    assertThat(file).hasContent("mine");
  }

  @Test
  void refusesAnOutputFolderThatCannotBeWrittenTo() throws IOException {
    assumeThat(System.getProperty("user.name"))
        .as("root may write everywhere")
        .isNotEqualTo("root");
    Path locked = Files.createDirectory(folder.resolve("locked"));
    assumeThat(locked.toFile().setWritable(false)).isTrue();
    assertThat(train(2, locked.resolve("run")))
        .contains("cannot be written to; name a folder where you may write");
  }

  @Test
  void refusesToOverwriteAFinishedRun() throws IOException {
    assertThat(train(2, finished))
        .isEqualTo(
            "tandem: %s already holds a run; add --resume to go on with it or name another --out"
                .formatted(finished));
  }

  @Test
  void refusesToResumeAFolderThatIsNoRun() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThat(train(2, empty, "--resume"))
        .isEqualTo(
            "tandem: %s holds no run to resume: it has no config.yaml; leave --resume off to start one there"
                .formatted(empty));
    assertThat(empty).isEmptyDirectory();
    assertThat(train(2, folder.resolve("absent"), "--resume")).contains("holds no run to resume");
    assertThat(folder.resolve("absent")).doesNotExist();
  }

  @Test
  void refusesToResumeWithAChangedRecipe() throws IOException {
    keepConfiguration("");
    assertThat(train(2, finished, "--resume", "--set", "warm_start.episodes=7"))
        .isEqualTo(
            "tandem: the run in %s began with warm_start.episodes: 2000 and the recipe now says 7: resume with the recipe it began with, or leave --resume off and name another --out"
                .formatted(finished));
  }

  @Test
  void namesEveryKeyThatHasChangedOrSaysHowManyMoreThereAre() throws IOException {
    keepConfiguration("");
    assertThat(
            train(2, finished, "--resume", "--set", "seed=2", "--set", "rollout.train_tasks=900"))
        .contains("began with seed: 1 and the recipe now says 2 (and rollout.train_tasks): resume");
    assertThat(
            train(
                2,
                finished,
                "--resume",
                "--set",
                "seed=2",
                "--set",
                "warm_start={noise: 0.3, batch: 2, passes: 3, episodes: 9}"))
        .contains("began with seed: 1 and the recipe now says 2 (and 4 more keys): resume");
    assertThat(
            train(
                2,
                finished,
                "--resume",
                "--set",
                "harness={processors: [{type: observation_renderer, form: json}]}"))
        .contains("began with harness.processors[0].form: nothing and the recipe now says json");
  }

  @Test
  void refusesToShortenARun() throws IOException {
    keepConfiguration("");
    assertThat(train(2, finished, "--resume", "--set", "rounds=0"))
        .isEqualTo(
            "tandem: the run in %s has 1 rounds and the recipe now says 0: rounds may grow when a run is resumed, not shrink"
                .formatted(finished));
  }

  @Test
  void refusesMoreRoundsWhereTheLearningRateEndedWithThem() throws IOException {
    String cosine =
        RECIPE.replace("mode: static", "mode: coevolve") + "optimiser: {schedule: cosine}\n";
    Files.writeString(recipe, cosine);
    keepConfiguration(cosine);
    assertThat(train(2, finished, "--resume", "--set", "rounds=2"))
        .isEqualTo(
            "tandem: the run in %s has 1 rounds, at whose end its learning rate is 0 (optimiser.schedule: cosine); with 2 all rounds before would have been others: begin anew in another --out, with a constant schedule if it is to grow later"
                .formatted(finished));
  }

  /** Gives the finished run a complete configuration. */
  private void keepConfiguration(String said) throws IOException {
    Path file = Files.writeString(folder.resolve("said.yaml"), said.isEmpty() ? RECIPE : said);
    try (Recipe complete = Recipe.load(file, List.of())) {
      Files.writeString(finished.resolve("config.yaml"), ConfigLoader.effective(complete.config()));
    }
  }

  @Test
  void refusesToExportWhatIsNoRun() throws IOException {
    Path to = folder.resolve("to");
    assertThat(mistake(2, "export", folder.resolve("absent").toString(), "--to", to.toString()))
        .contains("holds no run; name the folder that was given to train as --out");
    assertThat(mistake(1, "export", finished.toString(), "--to", to.toString()))
        .contains("has no checkpoint yet");
    assertThat(to).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--dtype int4|--dtype int4: choose float32, bfloat16 or float16",
        "--max-shard-size much|--max-shard-size much is no size; write a number of bytes such as",
        "--max-shard-size 0GB|--max-shard-size 0GB is no size",
        "--max-shard-size 5IB|--max-shard-size 5IB is no size",
        "--lora --dtype bfloat16|--dtype: an adapter is written as it was trained; leave it off",
        "--lora --merged|are mutually exclusive",
        "--max-shard-size 5GB|has no checkpoint yet",
        "--dtype bfloat16 --max-shard-size 500MiB|has no checkpoint yet",
      })
  void refusesToExportInAFormatThatIsNone(String options, String sentence) throws IOException {
    Path to = folder.resolve("to");
    List<String> line =
        new ArrayList<>(List.of("export", finished.toString(), "--to", to.toString()));
    line.addAll(List.of(options.split(" ")));
    int status = sentence.contains("checkpoint") ? 1 : 2;
    assertThat(mistake(status, line.toArray(String[]::new))).contains(sentence);
    assertThat(to).doesNotExist();
  }
}
