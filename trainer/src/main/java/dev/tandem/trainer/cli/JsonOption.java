package dev.tandem.trainer.cli;

import picocli.CommandLine.Option;

/** Results for programs instead of people. */
final class JsonOption {
  @Option(names = "--json", description = "Print one JSON object as the last line.")
  private boolean json;

  boolean wanted() {
    return json;
  }
}
