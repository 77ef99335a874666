package dev.tandem.trainer.cli;

import dev.tandem.trainer.model.sampling.SamplingRule;
import dev.tandem.trainer.model.sampling.StopRule;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** Which tokens may be drawn, and which texts end a response. */
final class FilterOptions {
  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "0",
      description = "Draw from the K likeliest tokens; 0 for all (default: ${DEFAULT-VALUE}).")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description =
          "Draw from the likeliest tokens whose mass reaches P (default: ${DEFAULT-VALUE}).")
  private double topP = 1;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      defaultValue = "0",
      description =
          "Draw from tokens at least P times as likely as the likeliest (default:"
              + " ${DEFAULT-VALUE}).")
  private double minP;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End the response where this text is complete; may be given several times.")
  private List<String> stop = List.of();

  /**
   * @throws UserException if an option is out of its range
   */
  SamplingRule sampling(double temperature) {
    Numbers.atLeast("--top-k", topK, 0);
    Numbers.require(topP > 0 && topP <= 1, "--top-p", topP, "above 0 and at most 1");
    Numbers.require(minP >= 0 && minP <= 1, "--min-p", minP, "between 0 and 1");
    if (stop.contains("")) {
      throw UserException.usage("--stop is empty; name a text or leave it out");
    }
    return new SamplingRule(temperature, topK, topP, minP);
  }

  boolean stopsAtTexts() {
    return !stop.isEmpty();
  }

  StopRule stopRule(int[] ids, Function<int[], String> text) {
    return StopRule.at(ids).orAt(stop, text);
  }
}
