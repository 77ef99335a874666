package dev.tandem.trainer.cli;

import dev.tandem.trainer.export.CheckpointExport;
import dev.tandem.trainer.io.RunFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    description =
        "Write a run's newest weights as a Hugging Face checkpoint, with its harness and a model"
            + " card.")
final class ExportVerb extends Verb {
  @Parameters(paramLabel = "RUN", description = "The folder of the run.")
  private Path run = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "Folder to write; it must not exist, or be empty.")
  private Path to = Path.of("");

  @Option(names = "--json", description = "Print one JSON object as the last line.")
  private boolean json;

  @Override
  ExitCode run(Console console) throws IOException {
    if (!RunFiles.isRun(run)) {
      throw UserException.usage(
          run + " holds no run; name the folder that was given to train as --out");
    }
    CheckpointExport.write(run, to);
    if (json) {
      console.json(Map.of("checkpoint", to.toString()));
    } else {
      console.print(to.toString());
    }
    return ExitCode.OK;
  }
}
