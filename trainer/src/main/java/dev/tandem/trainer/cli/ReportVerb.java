package dev.tandem.trainer.cli;

import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.report.RunReport;
import dev.tandem.trainer.run.RunRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the page of a run again, of a finished one or of one that is still under way. */
@Command(
    name = "report",
    description = "Write report.html of a run: one file that opens offline in any browser.")
final class ReportVerb extends Verb {
  @Parameters(paramLabel = "RUN", description = "The folder of the run.")
  private Path run = Path.of("");

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override
  ExitCode run(Console console) throws IOException {
    if (!RunFiles.isRun(run)) {
      throw UserException.usage(
          run + " holds no run; name the folder that was given to train as --out");
    }
    Path page = RunReport.write(run);
    RunRecords.damagedTraces(run).forEach(note -> console.note("tandem: " + note));
    if (json) {
      console.json(Map.of("report", page.toString()));
    } else {
      console.print(page.toString());
    }
    return ExitCode.OK;
  }
}
