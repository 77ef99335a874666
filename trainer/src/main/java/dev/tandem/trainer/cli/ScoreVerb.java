package dev.tandem.trainer.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "score",
    description = "Log-probability of each token of given rows, one after the other.")
final class ScoreVerb extends Verb {
  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description = "JSON file {\"input_ids\": [[..], ..]}.")
  private Path input = Path.of("");

  @Mixin private JsonOption json = new JsonOption();

  @Override
  ExitCode run(Console console) throws IOException {
    List<int[]> rows = TokenIds.read(input);
    float[][] logProbs = model.with(model.open(console), decoder -> decoder.score(rows));
    if (json.wanted()) {
      console.json(Map.of("log_probs", logProbs));
      return ExitCode.OK;
    }
    for (int row = 0; row < logProbs.length; row++) {
      double sum = 0;
      for (float logProb : logProbs[row]) {
        sum += logProb;
      }
      console.print(
          "row %d: %d tokens, log-probability %.6f, perplexity %.3f"
              .formatted(
                  row,
                  logProbs[row].length,
                  sum,
                  Math.exp(-sum / Math.max(1, logProbs[row].length))));
    }
    return ExitCode.OK;
  }
}
