package dev.tandem.trainer.cli;

import dev.tandem.trainer.model.Decoder;
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
  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "Hugging Face folder of the model.")
  private Path checkpoint = Path.of("");

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description = "JSON file {\"input_ids\": [[..], ..]}.")
  private Path input = Path.of("");

  @Mixin private DeviceOption device = new DeviceOption();

  @Option(names = "--json", description = "Print one JSON object as the last line.")
  private boolean json;

  @Override
  ExitCode run(Console console) throws IOException {
    List<int[]> rows = TokenIds.read(input);
    try (Decoder decoder = Decoder.load(checkpoint, device.execution())) {
      float[][] logProbs = decoder.score(rows);
      if (json) {
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
    }
    return ExitCode.OK;
  }
}
