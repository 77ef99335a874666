package dev.tandem.trainer.cli;

import dev.tandem.aegis.study.Study;
import dev.tandem.aegis.study.StudySettings;
import dev.tandem.aegis.study.StudyTable;
import dev.tandem.trainer.run.Monitor;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Evolution in worlds whose truth is known: what each scheme finds, and what it costs. */
@Command(
    name = "simulate",
    description =
        "Play the schemes of harness evolution in simulated worlds whose truth is known, and print"
            + " what each finds and what it costs.")
final class SimulateVerb extends Verb {
  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Worlds of each kind (default: ${DEFAULT-VALUE}).")
  private int seeds = 20;

  @Mixin private JsonOption json = new JsonOption();

  @Override
  ExitCode run(Console console) {
    if (seeds < 1) {
      throw UserException.usage("--seeds must be at least 1, was " + seeds);
    }
    Study study = new Study(seeds, StudySettings.DEFAULTS);
    Study.Result result;
    try (Monitor.Task task =
        new ConsoleMonitor(console).begin("simulation", Study.rows(), "schemes")) {
      result = study.run(() -> task.advance(1));
    }
    if (json.wanted()) {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("seeds", seeds);
      figures.put("rows", result.rows());
      figures.put("drift", result.drift());
      console.json(figures);
    } else {
      StudyTable.lines(result).forEach(console::print);
    }
    return ExitCode.OK;
  }
}
