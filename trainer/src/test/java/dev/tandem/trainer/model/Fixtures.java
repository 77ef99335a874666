package dev.tandem.trainer.model;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.trainer.model.file.JsonFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reference checkpoints with values that transformers computed in float64. */
public final class Fixtures {

  /**
   * One reference text.
   *
   * @param ids its tokens
   * @param logProbs of every token but the first
   * @param greedy the 24 most likely tokens that follow
   * @param loss mean of -log p
   * @param gradientNorms norm of the loss's gradient by tensor name
   */
  @SuppressWarnings("ArrayRecordComponent") // reference data, never compared as a record
  record Case(
      int[] ids, double[] logProbs, int[] greedy, double loss, Map<String, Double> gradientNorms) {}

  private Fixtures() {}

  /**
   * The directory of a reference checkpoint; skips the test where the shared folder is not mounted.
   */
  public static Path checkpoint(String name) {
    Path shared =
        Path.of(
            Optional.ofNullable(System.getProperty("TANDEM_SHARED"))
                .or(() -> Optional.ofNullable(System.getenv("TANDEM_SHARED")))
                .orElse("../../shared"));
    Path directory = shared.resolve("fixtures/hf").resolve(name);
    assumeTrue(
        Files.isDirectory(directory),
        () ->
            "reference checkpoints are absent; set TANDEM_SHARED to the folder that has"
                + " fixtures/hf");
    return directory;
  }

  static List<Case> cases(Path checkpoint) {
    List<Case> cases = new ArrayList<>();
    for (JsonNode node : JsonFiles.read(checkpoint.resolve("expected.json")).path("cases")) {
      Map<String, Double> norms = new LinkedHashMap<>();
      node.path("grad_norms")
          .properties()
          .forEach(p -> norms.put(p.getKey(), p.getValue().asDouble()));
      cases.add(
          new Case(
              integers(node.path("input_ids")),
              doubles(node.path("token_logprobs")),
              integers(node.path("greedy_continuation")),
              node.path("mean_next_token_loss").asDouble(),
              norms));
    }
    return cases;
  }

  private static int[] integers(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }

  private static double[] doubles(JsonNode array) {
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asDouble();
    }
    return values;
  }
}
