package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What users get wrong: one sentence that names it and the remedy, and nothing lost. */
final class MistakesTest {
  private static final String RECIPE =
      """
      mode: static
      rounds: 1
      harness:
        processors:
          - type: observation_renderer
      """;

  @TempDir private static Path shared;
  private static Path model = Path.of("");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path folder;
  private Path recipe = Path.of("");
  private Path finished = Path.of("");

  @BeforeAll
  static void keepAModel() throws IOException {
    model = shared.resolve("model");
    try (Policy policy = Tiny.policy(1)) {
      policy.save(model);
    }
  }

  @BeforeEach
  void keepAFinishedRun() throws IOException {
    recipe = Files.writeString(folder.resolve("recipe.yaml"), RECIPE);
    finished = Files.createDirectory(folder.resolve("finished"));
    Files.writeString(finished.resolve("config.yaml"), "mode: static\nseed: 1\n");
    Files.writeString(finished.resolve("metrics.jsonl"), "{\"round\":0}\n");
    Files.writeString(finished.resolve("summary.json"), "{}\n");
  }

  /** Runs a command line that must fail, and answers its one sentence. */
  private String mistake(int status, String... arguments) throws IOException {
    err.reset();
    Map<String, String> before = results();
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    assertThat(Tandem.run(console, new Failures(console, folder), arguments))
        .as(() -> err.toString(StandardCharsets.UTF_8))
        .isEqualTo(status);
    assertThat(results()).isEqualTo(before);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    String said = err.toString(StandardCharsets.UTF_8);
    assertThat(said).startsWith("tandem: ").endsWith("\n").doesNotContain("unexpected");
    assertThat(said.lines()).hasSize(1);
    return said.strip();
  }

  private Map<String, String> results() throws IOException {
    Map<String, String> files = new TreeMap<>();
    for (Path kept : List.of(finished, model)) {
      try (Stream<Path> all = Files.walk(kept)) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          if (!file.endsWith(".lock")) {
            files.put(file.toString(), ContentHash.sha256(Files.readAllBytes(file)));
          }
        }
      }
    }
    return files;
  }

  private String train(int status, Path to, String... more) throws IOException {
    String[] arguments =
        Stream.concat(
                Stream.of("train", recipe.toString(), "--out", to.toString(), "--device", "cpu"),
                Arrays.stream(more))
            .toArray(String[]::new);
    return mistake(status, arguments);
  }

  private Path copyOfTheModel() throws IOException {
    Path copy = Files.createDirectory(folder.resolve("copy"));
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  private String eval(int status, Path checkpoint, String... more) throws IOException {
    Path harness =
        Files.writeString(
            folder.resolve("harness.yaml"), "processors:\n  - type: observation_renderer\n");
    String[] arguments =
        Stream.concat(
                Stream.of(
                    "eval",
                    "--checkpoint",
                    checkpoint.toString(),
                    "--harness",
                    harness.toString(),
                    "--device",
                    "cpu"),
                Arrays.stream(more))
            .toArray(String[]::new);
    return mistake(status, arguments);
  }

  @Test
  void suggestsTheKeyThatWasMeant() throws IOException {
    Files.writeString(recipe, RECIPE + "rollout:\n  tasks_per_rond: 8\n");
    assertThat(train(2, folder.resolve("new")))
        .contains(recipe + ":7: ", "tasks_per_rond", "did you mean", "tasks_per_round");
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rollout.episodes_per_task=1 | : rollout.episodes_per_task must be at least 2, was 1
          warm_start.noise=1.5        | : warm_start.noise must be in [0.0, 0.9], was 1.5
          model.heads=3               | : model.heads must be a multiple of key_value_heads, were 3 and 2
          model.head_dim=3            | : model.head_dim must be even, was 3
          aegis.gate.batch=0          | : aegis.gate.batch: gate batch must be at least 1, was 0
          grpo.kl.coefficient=-1      | : grpo.kl.coefficient: KL coefficient must be finite and at least 0, was -1.0
          tasks_per_round=3           | unknown key tasks_per_round; did you mean rollout.tasks_per_round?
          grpo.loss.type=clip         | grpo.loss.type must be one of clipped, gspo, cispo, was 'clip'; did you mean clipped?
          grpo.loss=cispo             | grpo.loss must be a mapping with a type (clipped, gspo, cispo), as in {type: clipped}, was 'cispo'
          grpo.loss.lo=0.1            | unknown key grpo.loss.lo; did you mean grpo.loss.low?
          versions={a: absent.yaml}   | absent.yaml: does not exist; name a YAML file
          rounds=-1                   | rounds must be at least 0, was -1
          mode=cooevolve              | coevolve
          optimiser.learning_rate=hot | hot
          environment=mars            | environment 'mars' does not exist: known are [house]; what comes in a jar needs the jar to be named in plugins
          """)
  void namesTheValueThatIsOutOfRange(String set, String sentence) throws IOException {
    assertThat(train(2, folder.resolve("new"), "--set", set)).contains("--set " + set, sentence);
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @Test
  void namesTheEnvironmentsThereAre() throws IOException {
    assertThat(eval(2, model, "--env", "mars"))
        .isEqualTo(
            "tandem: environment 'mars' does not exist: known are [house]; what comes in a jar"
                + " needs the jar to be named in plugins");
  }

  @Test
  void namesTheSplitsThereAre() throws IOException {
    assertThat(eval(2, model, "--split", "test")).contains("--split", "'test'", "SEALED");
  }

  @Test
  void explainsAMissingRecipe() throws IOException {
    Path absent = folder.resolve("absent.yaml");
    assertThat(mistake(2, "train", absent.toString(), "--out", folder.resolve("new").toString()))
        .isEqualTo("tandem: %s: does not exist; name a YAML file".formatted(absent));
  }

  @Test
  void explainsAHarnessThatCannotBeCompiled() throws IOException {
    Files.writeString(
        recipe, "mode: static\nharness:\n  processors:\n    - type: observation_rendrer\n");
    assertThat(train(2, folder.resolve("new")))
        .contains("observation_rendrer", "observation_renderer");
  }

  @Test
  void explainsAMissingCheckpoint() throws IOException {
    Path absent = folder.resolve("absent");
    assertThat(eval(2, absent))
        .isEqualTo(
            "tandem: --checkpoint %s does not exist; name a Hugging Face folder".formatted(absent));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThat(eval(2, empty))
        .isEqualTo(
            "tandem: --checkpoint %s holds no config.json; name the folder of a complete checkpoint"
                .formatted(empty));
    assertThat(eval(2, recipe))
        .isEqualTo(
            "tandem: --checkpoint %s is a file; name the folder that holds config.json and the weights"
                .formatted(recipe));
  }

  @Test
  void explainsAMissingCheckpointOfARecipe() throws IOException {
    Path absent = folder.resolve("absent");
    assertThat(train(2, folder.resolve("new"), "--set", "model.checkpoint=" + absent))
        .isEqualTo(
            "tandem: --set model.checkpoint=%s: model.checkpoint %s does not exist; name a Hugging Face folder"
                .formatted(absent, absent));
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @Test
  void explainsTruncatedWeights() throws IOException {
    Path copy = copyOfTheModel();
    Path weights = copy.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(whole, whole.length - 4));
    assertThat(eval(1, copy))
        .startsWith("tandem: " + weights)
        .contains("it is truncated or damaged, copy it again");
  }

  @Test
  void explainsWeightsThatAreNoWeights() throws IOException {
    Path copy = copyOfTheModel();
    Files.writeString(copy.resolve("model.safetensors"), "<html>not found</html>");
    assertThat(eval(1, copy))
        .startsWith("tandem: " + copy.resolve("model.safetensors"))
        .contains("copy it again");
  }

  @Test
  void explainsATokenizerThatIsTooLargeForTheModel() throws IOException {
    Path copy = copyOfTheModel();
    ObjectMapper json = new ObjectMapper();
    Path file = copy.resolve("tokenizer.json");
    ObjectNode tokenizer = (ObjectNode) json.readTree(file.toFile());
    ObjectNode vocabulary = (ObjectNode) tokenizer.path("model").path("vocab");
    int size = vocabulary.size();
    vocabulary.put("unheard-of", size);
    json.writeValue(file.toFile(), tokenizer);
    assertThat(eval(1, copy))
        .startsWith("tandem: " + file)
        .contains("%d tokens".formatted(size + 1), "only " + size, "use the tokenizer");
  }

  @Test
  void explainsAMissingTokenizer() throws IOException {
    Path copy = copyOfTheModel();
    Files.delete(copy.resolve("tokenizer.json"));
    assertThat(eval(1, copy)).contains(copy.resolve("tokenizer.json").toString(), "checkpoint");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"input_ids": [[2, 3], [4, 99999]]} | 2 | row 1 | token id 99999
          {"input_ids": [[2, -1]]}            | 2 | row 0 | token id -1
          {"input_ids": [[]]}                 | 2 | row 0           | empty
          {"input_ids": [[2, 1.5]]}           | 2 | input_ids[0][1] | 1.5
          {"input_ids": []}                   | 2 | no rows         | write
          {"ids": [[1]]}                      | 2 | no rows         | write
          not json                            | 2 | is not JSON     | write
          """)
  void explainsTokenIdsThatCannotBeScored(String text, int status, String first, String second)
      throws IOException {
    Path input = Files.writeString(folder.resolve("ids.json"), text);
    assertThat(
            mistake(
                status,
                "score",
                "--checkpoint",
                model.toString(),
                "--input",
                input.toString(),
                "--device",
                "cpu"))
        .contains(first, second);
  }

  @Test
  void namesTheVocabularyThatAnIdIsOutsideOf() throws IOException {
    Path input = Files.writeString(folder.resolve("ids.json"), "{\"input_ids\": [[99999, 2]]}");
    assertThat(mistake(2, "score", "--checkpoint", model.toString(), "--input", input.toString()))
        .contains("has token id 99999, outside the vocabulary of ", "use the checkpoint's own");
  }

  @Test
  void explainsAnInputThatIsNotThere() throws IOException {
    Path absent = folder.resolve("absent.json");
    assertThat(mistake(2, "score", "--checkpoint", model.toString(), "--input", absent.toString()))
        .isEqualTo("tandem: " + absent + " does not exist; name a JSON file of token ids");
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
            "tandem: the run in %s began with warm_start.episodes: 5000 and the recipe now says 7: resume with the recipe it began with, or leave --resume off and name another --out"
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

  @Test
  void explainsADeviceThatIsNone() throws IOException {
    Path input = Files.writeString(folder.resolve("ids.json"), "{\"input_ids\": [[1, 2]]}");
    assertThat(
            mistake(
                2,
                "score",
                "--checkpoint",
                model.toString(),
                "--input",
                input.toString(),
                "--device",
                "tpu"))
        .isEqualTo("tandem: --device tpu is no device; name auto, cpu or cuda:N");
  }

  /**
   * Everything else, verb by verb. In a line, MODEL, RUN and FOLDER stand for a checkpoint, a
   * finished run without one, and an empty folder; FILE is an empty file, BYTES one that is no
   * text, HARNESS a good harness, IDS good token ids.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          eval --checkpoint MODEL --harness FOLDER                           | FOLDER is a folder; name a harness file
          eval --checkpoint MODEL --harness BYTES                            | BYTES is not UTF-8 text; name a harness file
          eval --checkpoint MODEL --harness FILE                             | FILE:1: a harness must be an object
          eval --checkpoint MODEL --harness nowhere.yaml                     | nowhere.yaml does not exist; name a harness file
          eval --checkpoint MODEL --harness HARNESS --temperature -1         | --temperature must be a number of at least 0, was -1.0
          eval --checkpoint MODEL --harness HARNESS --temperature NaN        | --temperature must be a number of at least 0, was NaN
          eval --checkpoint MODEL --harness HARNESS --temperature hot        | '--temperature': 'hot' is no number; see tandem eval --help
          eval --checkpoint MODEL --harness HARNESS --episodes 0             | --episodes must be at least 1, was 0
          eval --checkpoint MODEL --harness HARNESS --episodes many          | '--episodes': 'many' is no whole number
          eval --checkpoint MODEL --harness HARNESS --max-new-tokens 99999   | --max-new-tokens 99999 leaves no room for a prompt: MODEL reads
          eval --checkpoint MODEL --harness HARNESS --provider-set a=b       | --provider-set needs --provider NAME
          eval --checkpoint MODEL --harness HARNESS --recipe nowhere.yaml    | nowhere.yaml: does not exist; name a YAML file
          eval --harness HARNESS                                             | name a model: either --checkpoint DIR or --provider NAME
          eval --harness HARNESS --provider nobody                           | model provider 'nobody' does not exist
          score --checkpoint MODEL --input FOLDER                            | FOLDER is a folder; name a JSON file of token ids
          score --checkpoint MODEL --input BYTES                             | BYTES is not UTF-8 text; name a JSON file of token ids
          score --checkpoint FOLDER --input IDS                              | --checkpoint FOLDER holds no config.json
          generate --checkpoint nowhere --prompt x                           | --checkpoint nowhere does not exist; name a Hugging Face folder
          generate --checkpoint MODEL                                        | missing required argument (specify one of these)
          generate --checkpoint MODEL --prompt x --ids IDS                   | are mutually exclusive
          generate --checkpoint MODEL --ids BYTES                            | BYTES is not UTF-8 text
          generate --checkpoint MODEL --messages FOLDER                      | FOLDER is a folder; name a JSON file of messages
          generate --checkpoint MODEL --messages nowhere.json                | nowhere.json does not exist; name a JSON file of messages
          generate --checkpoint MODEL --prompt x --temperature -1            | --temperature must be a number of at least 0, was -1.0
          generate --checkpoint MODEL --prompt x --top-k -1                  | --top-k must be at least 0, was -1
          generate --checkpoint MODEL --prompt x --top-p 0                   | --top-p must be above 0 and at most 1, was 0.0
          generate --checkpoint MODEL --prompt x --min-p 2                   | --min-p must be between 0 and 1, was 2.0
          generate --checkpoint MODEL --prompt x --stop ''                   | --stop is empty; name a text or leave it out
          generate --checkpoint MODEL --prompt x --max-new-tokens 0          | --max-new-tokens must be at least 1, was 0
          generate --checkpoint MODEL --prompt x --max-new-tokens 99999      | shorten the prompt or the response
          generate --checkpoint MODEL --prompt ''                            | the prompt is empty; start from at least one token
          generate --checkpoint MODEL --prompt x --greedy --temperature 0.5  | --greedy and --temperature 0.5 contradict each other
          export RUN --to FILE                                               | --to FILE cannot be written to, because FILE is a file
          export RUN --to FILE/below                                         | --to FILE/below cannot be written to, because FILE is a file
          export FILE --to new                                               | FILE holds no run
          report FILE                                                        | FILE holds no run
          report FOLDER                                                      | FOLDER holds no run
          harness show BYTES                                                 | BYTES is not UTF-8 text; name a harness file
          harness show nowhere                                               | nowhere does not exist; name a harness file or a finished run
          harness diff HARNESS FILE                                          | FILE:1: a harness must be an object
          harness shwo                                                       | 'shwo'; did you mean show?
          ledger show FOLDER                                                 | ledger.jsonl does not exist; name a run folder or a ledger
          traces list nowhere                                                | nowhere does not exist; name the folder
          traces list FOLDER                                                 | FOLDER has no traces; name the folder of a run
          traces list FOLDER --phase trian                                   | '--phase': expected one of [TRAIN, GATE, EVALUATION]
          bench [                                                            | '[' is no regular expression
          bench --table FILE                                                 | FILE holds no results of JMH
          bundle --to FOLDER                                                 | --to FOLDER must name a file that ends in .tar.gz
          nonsense                                                           | unmatched argument at index 0: 'nonsense'; see tandem --help
          report --jsno FOLDER                                               | unknown option: '--jsno'; did you mean --json?
          """)
  void explainsInOneSentenceWhatIsWrongWithACommandLine(String line, String sentence)
      throws IOException {
    Map<String, String> places = new LinkedHashMap<>();
    places.put("MODEL", model.toString());
    places.put("RUN", finished.toString());
    places.put("FOLDER", Files.createDirectory(folder.resolve("an-empty-folder")).toString());
    places.put("FILE", Files.createFile(folder.resolve("an-empty-file")).toString());
    places.put(
        "BYTES", Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xc3, 0x28}).toString());
    places.put(
        "HARNESS",
        Files.writeString(folder.resolve("h.yaml"), "processors:\n  - type: observation_renderer\n")
            .toString());
    places.put(
        "IDS", Files.writeString(folder.resolve("i.json"), "{\"input_ids\": [[2, 3]]}").toString());
    String words = line;
    String expected = sentence;
    for (Map.Entry<String, String> place : places.entrySet()) {
      words = words.replace(" " + place.getKey(), " " + place.getValue());
      expected = expected.replace(place.getKey(), place.getValue());
    }
    String[] arguments =
        Arrays.stream(words.split(" "))
            .map(word -> word.equals("''") ? "" : word)
            .toArray(String[]::new);
    assertThat(mistake(2, arguments)).contains(expected);
    assertThat(Path.of("new")).doesNotExist();
  }
}
