package dev.tandem.trainer.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How tokens are drawn: shared by the verbs that sample. */
final class SamplingOptions {
  private static final double DEFAULT_TEMPERATURE = 1;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "Temperature of sampling; 0 is greedy (default: 1).")
  private @Nullable Double temperature;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "Seed of the sampling (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  /**
   * @throws UserException if it is none
   */
  double temperature() {
    double said = temperature == null ? DEFAULT_TEMPERATURE : temperature;
    return Numbers.require(
        said >= 0 && Double.isFinite(said), "--temperature", said, "a number of at least 0");
  }

  /**
   * @param greedy whether another option asks for the likeliest tokens
   * @throws UserException if two options contradict each other
   */
  double temperature(boolean greedy) {
    double said = temperature();
    if (greedy && temperature != null && said != 0) {
      throw UserException.usage(
          "--greedy and --temperature %s contradict each other; leave one out".formatted(said));
    }
    return greedy ? 0 : said;
  }

  long seed() {
    return seed;
  }
}
