package dev.tandem.trainer.cli;

import picocli.CommandLine.Option;

/** How tokens are drawn: shared by the verbs that sample. */
final class SamplingOptions {
  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "1",
      description = "Temperature of sampling; 0 is greedy (default: ${DEFAULT-VALUE}).")
  private double temperature = 1;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "Seed of the sampling (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  double temperature() {
    return temperature;
  }

  long seed() {
    return seed;
  }
}
