package dev.tandem.trainer.cli;

import dev.tandem.trainer.TrainingRun;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.report.RunReport;
import dev.tandem.trainer.run.GoingOn;
import dev.tandem.trainer.run.Resumption;
import dev.tandem.trainer.run.RunSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A training run in a folder, begun or gone on with, with its report at the end.
 *
 * @param recipe stays the caller's
 * @param arguments of the command line, for whoever goes on after a stop
 */
record RunJob(
    Console console, Recipe recipe, Path folder, Execution execution, List<String> arguments) {

  RunSummary begin() throws IOException {
    try (OutputFolder taken = OutputFolder.create(folder);
        TrainingRun run = run()) {
      taken.requireRoom(run.bytesNeeded());
      claim().begin();
      return execute(run, new GoingOn(OptionalInt.empty(), Optional.empty()));
    }
  }

  /**
   * @param fromRound a complete round to go back to; empty for the last one
   */
  RunSummary goOn(OptionalInt fromRound) throws IOException {
    try (OutputFolder taken = OutputFolder.resume(folder);
        TrainingRun run = run()) {
      taken.requireRoom(run.bytesNeeded());
      Resumption.restoreConfiguration(folder, note -> console.note("tandem: " + note));
      return execute(run, new GoingOn(fromRound, claim().goOn()));
    }
  }

  private TrainingRun run() {
    return new TrainingRun(
        recipe.config(), recipe.doors(), folder, execution, new ConsoleMonitor(console));
  }

  private RunClaim claim() {
    return new RunClaim(folder, recipe.config());
  }

  private RunSummary execute(TrainingRun run, GoingOn how) throws IOException {
    console.leaves(new RunRemains(console, run.saves(), arguments));
    RunSummary summary = run.execute(how);
    RunReport.write(folder);
    console.leaves(_ -> "the run is complete");
    return summary;
  }
}
