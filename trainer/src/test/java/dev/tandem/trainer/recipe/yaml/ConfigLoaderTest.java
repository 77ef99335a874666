package dev.tandem.trainer.recipe.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigLoaderTest {
  enum Grouping {
    TASK,
    TASK_AND_HARNESS
  }

  record Clip(double low, double high) {}

  record Learning(int groupSize, double learningRate, Grouping groupBy, Clip clip, float cap) {
    Learning {
      if (groupSize < 2) {
        throw new IllegalArgumentException("group size must be at least 2, was " + groupSize);
      }
    }
  }

  record Recipe(
      String name,
      long seed,
      boolean shuffle,
      @Nullable Path checkpoint,
      Learning learning,
      List<Integer> seeds,
      Map<String, Double> weights,
      Map<Grouping, Integer> counts,
      List<Clip> clips,
      JsonNode harness) {
    Recipe {
      if (seed < 0) {
        throw new IllegalArgumentException("seed must not be negative, was " + seed);
      }
    }
  }

  private static final Learning LEARNING =
      new Learning(8, 1e-6, Grouping.TASK, new Clip(0.2, 0.28), 2.5f);
  private static final Recipe DEFAULTS =
      new Recipe(
          "house",
          7L,
          true,
          null,
          LEARNING,
          List.of(1, 2),
          Map.of("a", 1.0),
          Map.of(Grouping.TASK, 3),
          List.of(new Clip(0, 1)),
          json("{\"processors\": [\"guard\"], \"limits\": {\"steps\": 20}}"));

  @TempDir private Path folder;
  private Path file = Path.of("unset");

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("house.yaml");
  }

  @Test
  void keepsEveryDefaultThatTheRecipeDoesNotState() {
    assertThat(load("seed: 9")).isEqualTo(withSeed(9));
  }

  @Test
  void mergesNestedRecordsKeyByKey() {
    Recipe recipe =
        load(
            """
            # only what differs
            learning:
              group_by: task_and_harness
              learning_rate: 3e-4
              clip:
                high: 0.3
            """);
    assertThat(recipe.learning())
        .isEqualTo(new Learning(8, 3e-4, Grouping.TASK_AND_HARNESS, new Clip(0.2, 0.3), 2.5f));
  }

  @Test
  void replacesListsMapsAndFreeFormSubtreesWhole() {
    Recipe recipe =
        load(
            """
            seeds: [5]
            weights: {b: 2}
            counts: {task_and_harness: 4}
            clips:
              - low: 0.1
                high: 0.2
            harness: {processors: []}
            """);
    assertThat(recipe.seeds()).containsExactly(5);
    assertThat(recipe.weights()).containsExactly(Map.entry("b", 2.0));
    assertThat(recipe.counts()).containsExactly(Map.entry(Grouping.TASK_AND_HARNESS, 4));
    assertThat(recipe.clips()).containsExactly(new Clip(0.1, 0.2));
    assertThat(recipe.harness()).isEqualTo(json("{\"processors\": []}"));
  }

  @Test
  void layTheSetOptionsOverTheFileAndLetsTheLastOneWin() {
    write("seed: 9\nlearning: {group_size: 4}");
    Recipe recipe =
        ConfigLoader.load(
            file,
            List.of(
                "seed=10",
                "seed=11",
                "learning.clip.low=0.1",
                "learning.clip={high: 0.4}",
                "seeds=[3, 4]",
                "checkpoint=models/base",
                "harness.limits.steps=30",
                "weights.c=3"),
            DEFAULTS,
            Recipe.class);
    assertThat(recipe.seed()).isEqualTo(11);
    assertThat(recipe.learning().groupSize()).isEqualTo(4);
    assertThat(recipe.learning().clip()).isEqualTo(new Clip(0.1, 0.4));
    assertThat(recipe.seeds()).containsExactly(3, 4);
    assertThat(recipe.checkpoint()).isEqualTo(Path.of("models/base"));
    assertThat(recipe.harness())
        .isEqualTo(json("{\"processors\": [\"guard\"], \"limits\": {\"steps\": 30}}"));
    assertThat(recipe.weights()).containsOnly(Map.entry("a", 1.0), Map.entry("c", 3.0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          sed: 1                                | 1: unknown key sed; did you mean seed?
          learning: {grup_size: 1}              | 1: unknown key learning.grup_size; did you mean learning.group_size?
          learning: {clip: {middle: 1}}         | 1: unknown key learning.clip.middle; learning.clip knows low, high
          seed: many                            | 1: seed must be a whole number, was 'many'
          seed: 1.5                             | 1: seed must be a whole number, was 1.5
          seed: 99999999999999999999            | 1: seed must be a whole number, was 99999999999999999999
          learning: {group_size: 3000000000}    | 1: learning.group_size must be a whole number, was 3000000000
          learning: {learning_rate: fast}       | 1: learning.learning_rate must be a finite number, was 'fast'
          learning: {learning_rate: .inf}       | 1: learning.learning_rate must be a finite number, was Infinity
          learning: {group_by: tsak}            | 1: learning.group_by must be one of task, task_and_harness, was 'tsak'; did you mean task?
          learning: 3                           | 1: learning must be a mapping of keys, was 3
          shuffle: 1                            | 1: shuffle must be true or false, was 1
          name: 12                              | 1: name must be text, was 12; put it in quotes
          name:                                 | 1: name has no value; it must be text
          learning:                             | 1: learning has no value; it must be a mapping of keys
          seeds: 1                              | 1: seeds must be a list, was 1
          seeds: [1, two]                       | 1: seeds[1] must be a whole number, was 'two'
          weights: [1]                          | 1: weights must be a mapping of keys, was a list
          weights: {a: x}                       | 1: weights.a must be a finite number, was 'x'
          checkpoint: [a]                       | 1: checkpoint must be a path, was a list
          clips: [{low: 1}]                     | 1: clips[0].high is missing and has no default; give it a value
          clips: [{low: 1, high: 2, hi: 3}]     | 1: unknown key clips[0].hi; did you mean clips[0].high?
          seed: -1                              | 1: seed must not be negative, was -1
          "seed: &x 3\nname: *x"                | 2: uses the alias *x; aliases are not supported, write the value out
          "seed: 1\nname: b\nseed: 2"           | 3: gives seed a second time; the first is on line 1
          "learning:\n  clip: {low: 1}\n  clip: {low: 2}" | 3: gives learning.clip a second time; the first is on line 2
          "learning:\n\tgroup_size: 4"          | 2: is indented with a tab; YAML wants spaces
          "a: 1\n---\nb: 2"                     | 3: holds a second YAML document; keep one, without a --- line between
          "- a"                                 | 1: must be a mapping of keys, as in 'mode: coevolve', and is not
          """)
  void explainsAMistakeInTheFileInOneSentenceWithItsLine(String yaml, String problem) {
    assertThatThrownBy(() -> load(yaml.replace("\\n", "\n").replace("\\t", "\t")))
        .isInstanceOf(ConfigException.class)
        .hasMessage(file + ":" + problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "it's", "a # b", "a: b", "12", "[a", "*a", "a\\b"})
  void setsAPathWhateverCharactersItHas(String path) {
    write("seed: 9");
    Recipe recipe =
        ConfigLoader.load(
            file, List.of(ConfigLoader.set("checkpoint", Path.of(path))), DEFAULTS, Recipe.class);
    assertThat(recipe.checkpoint()).isEqualTo(Path.of(path));
  }

  @Test
  void explainsASyntaxErrorWithItsLine() {
    assertThatThrownBy(() -> load("seed: 1\nname: [a"))
        .isInstanceOf(ConfigException.class)
        .hasMessageMatching("\\Q" + file + "\\E:\\d+: is not YAML: [^\n]+");
  }

  @Test
  void pointsARangeViolationAtTheKeyItNames() {
    String yaml = "seed: 1\nlearning:\n  group_size: 1\n  learning_rate: 1\n";
    assertThatThrownBy(() -> load(yaml))
        .hasMessage(file + ":3: learning.group_size must be at least 2, was 1");
  }

  @Test
  void pointsARangeViolationAtTheOptionThatCausedIt() {
    write("learning:\n  group_size: 4\n");
    assertThatThrownBy(() -> set("learning.group_size=1"))
        .hasMessage("--set learning.group_size=1: learning.group_size must be at least 2, was 1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          seed             | write it as key.path=value, as in --set grpo.epochs=2
          =3               | write it as key.path=value, as in --set grpo.epochs=2
          seed=            | has no value after the = sign
          sed=1            | unknown key sed; did you mean seed?
          group_by=task    | unknown key group_by; did you mean learning.group_by?
          high=1           | unknown key high; did you mean learning.clip.high?
          hihg=1           | unknown key hihg; a recipe knows name, seed,
          learning.clpi.low=1 | unknown key learning.clpi; did you mean learning.clip?
          seed.x=1         | seed is a single value and has no keys below it
          seeds.0=1        | seeds is a list; set it as a whole, as in --set seeds=[a, b]
          seed=[           | "is not YAML: "
          seed=abc         | seed must be a whole number, was 'abc'
          """)
  void explainsAMistakeInAnOptionByNamingIt(String set, String problem) {
    write("seed: 1");
    assertThatThrownBy(() -> set(set))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("--set " + set + ": " + problem);
  }

  @Test
  void explainsAMissingFileAFolderAnEmptyFileAndBytesThatAreNoText() throws IOException {
    assertThatThrownBy(() -> set("seed=1")).hasMessage(file + ": does not exist; name a YAML file");
    assertThatThrownBy(() -> ConfigLoader.load(folder, List.of(), DEFAULTS, Recipe.class))
        .hasMessage(folder + ": is a folder; name a YAML file");
    assertThatThrownBy(() -> load("# nothing but a comment\n"))
        .hasMessage(file + ": is empty; a recipe states at least one key");
    Files.write(file, "name: caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> set("seed=1")).hasMessage(file + ": is not UTF-8 text");
  }

  @Test
  void writesTheEffectiveConfigurationSoThatItLoadsAgainToAnEqualRecord() {
    Recipe recipe =
        new Recipe(
            "yes: it's #1\n\ttab",
            Long.MIN_VALUE + Long.MAX_VALUE + 1,
            false,
            Path.of("/models/a b/1e5"),
            new Learning(16, 1.0 / 3e300, Grouping.TASK_AND_HARNESS, new Clip(-0.0, 1e22), 0.1f),
            List.of(),
            Map.of("1e5", 1e-9, "null", -3.0, "a.b", 0.0),
            Map.of(Grouping.TASK_AND_HARNESS, 1),
            List.of(new Clip(1, 2), new Clip(3, 4)),
            json(
                "{\"a\": [true, \"true\", \"0x1F\", \"1_000\", 12, 1.5, \"~\", \"\","
                    + " \"2026-01-01\"]}"));
    String yaml = ConfigLoader.effective(recipe);
    assertThat(load(yaml)).isEqualTo(recipe);
    assertThat(ConfigLoader.effective(load(yaml))).isEqualTo(yaml);
    assertThat(yaml).contains("\n  group_by: task_and_harness\n").doesNotStartWith("---");
  }

  private Recipe load(String yaml) {
    write(yaml);
    return ConfigLoader.load(file, List.of(), DEFAULTS, Recipe.class);
  }

  private Recipe set(String set) {
    return ConfigLoader.load(file, List.of(set), DEFAULTS, Recipe.class);
  }

  private void write(String yaml) {
    try {
      Files.writeString(file, yaml);
    } catch (IOException failed) {
      throw new AssertionError(failed);
    }
  }

  private static Recipe withSeed(long seed) {
    return new Recipe(
        DEFAULTS.name(),
        seed,
        DEFAULTS.shuffle(),
        DEFAULTS.checkpoint(),
        DEFAULTS.learning(),
        DEFAULTS.seeds(),
        DEFAULTS.weights(),
        DEFAULTS.counts(),
        DEFAULTS.clips(),
        DEFAULTS.harness());
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException malformed) {
      throw new AssertionError(malformed);
    }
  }
}
