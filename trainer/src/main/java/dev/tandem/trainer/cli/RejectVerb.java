package dev.tandem.trainer.cli;

import picocli.CommandLine.Command;

@Command(
    name = "reject",
    description =
        "Refuse an edit that has passed the gate and waits for a person; it is never tried again.")
final class RejectVerb extends WordVerb {
  @Override
  boolean approves() {
    return false;
  }
}
