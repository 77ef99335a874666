package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model that is not there, damaged or of another kind, and what cannot be asked of one. */
final class CheckpointMistakesTest {
  @TempDir private static Path shared;
  private static Path model = Path.of("");

  @TempDir private Path folder;

  @BeforeAll
  static void keepAModel() throws IOException {
    model = shared.resolve("model");
    try (Policy policy = Tiny.policy(1)) {
      policy.save(model);
    }
  }

  private static String mistake(int status, String... arguments) throws IOException {
    return Mistake.sentence(status, List.of(model), arguments);
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
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(eval(2, file))
        .isEqualTo(
            "tandem: --checkpoint %s is a file; name the folder that holds config.json and the weights"
                .formatted(file));
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
}
