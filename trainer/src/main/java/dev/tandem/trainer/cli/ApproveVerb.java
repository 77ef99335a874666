package dev.tandem.trainer.cli;

import picocli.CommandLine.Command;

@Command(
    name = "approve",
    description = "Let an edit ship that has passed the gate and waits for a person.")
final class ApproveVerb extends WordVerb {
  @Override
  boolean approves() {
    return true;
  }
}
