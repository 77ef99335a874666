package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    finished = Mistake.finishedRun(folder);
  }

  private String mistake(int status, String... arguments) throws IOException {
    return Mistake.sentence(status, List.of(model, finished), arguments);
  }

  private String train(String... more) throws IOException {
    String[] arguments =
        Stream.concat(
                Stream.of(
                    "train",
                    recipe.toString(),
                    "--out",
                    folder.resolve("new").toString(),
                    "--device",
                    "cpu"),
                Arrays.stream(more))
            .toArray(String[]::new);
    return mistake(2, arguments);
  }

  @Test
  void suggestsTheKeyThatWasMeant() throws IOException {
    Files.writeString(recipe, RECIPE + "rollout:\n  tasks_per_rond: 8\n");
    assertThat(train())
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
          aegis.gate.batch=0          | : aegis.gate.batch must be at least 1, was 0
          aegis.variants.most=0       | : aegis.variants.most must be at least 1 variant, was 0
          aegis.meta_agent.max_levers=2 | asks a language model for levers, and models names no meta
          aegis.meta_agent.money_per_run=0 | aegis.meta_agent.money_per_run must be above 0, was 0.0: leave it out
          models={meta: {providers: [decoder]}} | aegis.meta_agent.max_levers of 0 asks for none: raise it
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
    assertThat(train("--set", set)).contains("--set " + set, sentence);
    assertThat(folder.resolve("new")).doesNotExist();
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
    assertThat(train()).contains("observation_rendrer", "observation_renderer");
  }

  @Test
  void explainsAMissingCheckpointOfARecipe() throws IOException {
    Path absent = folder.resolve("absent");
    assertThat(train("--set", "model.checkpoint=" + absent))
        .isEqualTo(
            "tandem: --set model.checkpoint=%s: model.checkpoint %s does not exist; name a Hugging Face folder"
                .formatted(absent, absent));
    assertThat(folder.resolve("new")).doesNotExist();
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
