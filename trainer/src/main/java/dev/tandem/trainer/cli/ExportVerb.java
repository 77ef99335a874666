package dev.tandem.trainer.cli;

import dev.tandem.trainer.export.CheckpointExport;
import dev.tandem.trainer.export.ExportOptions;
import dev.tandem.trainer.export.HarnessFile;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.WeightFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    description =
        "Write a run's weights as a Hugging Face checkpoint, with its harness and a model"
            + " card, or its harnesses alone as one file.")
final class ExportVerb extends Verb {
  @Parameters(paramLabel = "RUN", description = "The folder of the run.")
  private Path run = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description =
          "Folder to write, which must not exist, or be empty; with --harness a file that does not"
              + " exist.")
  private Path to = Path.of("");

  @ArgGroup(exclusive = true, multiplicity = "0..1")
  private Content content = new Content();

  /** What to write. */
  static final class Content {
    @Option(
        names = "--merged",
        description = "The whole model, an adapter merged into it; the default.")
    @SuppressWarnings("UnusedVariable") // states the default
    private boolean merged;

    @Option(names = "--lora", description = "The LoRA adapter only, in PEFT's layout.")
    private boolean lora;

    @Option(
        names = "--harness",
        description =
            "The harnesses only, as one file that eval plays: which variant serves which kind of"
                + " task, and each variant with its hash; JSON if the file's name ends so, else"
                + " YAML.")
    private boolean harness;
  }

  @Option(
      names = "--round",
      paramLabel = "N",
      description = "A round that the run still has (default: the newest).")
  private @Nullable Integer round;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Type of the weights: float32 (default), bfloat16 or float16.")
  private @Nullable String dtype;

  @Option(
      names = "--max-shard-size",
      paramLabel = "SIZE",
      description = "Largest file of weights, such as 500MB or 2GiB (default: ${DEFAULT-VALUE}).",
      defaultValue = "5GB")
  private String maxShardSize = "5GB";

  @Option(names = "--json", description = "Print one JSON object as the last line.")
  private boolean json;

  @Override
  Remains remains() {
    return _ -> to + " is not written";
  }

  @Override
  ExitCode run(Console console) throws IOException {
    if (!RunFiles.isRun(run)) {
      throw UserException.usage(
          run + " holds no run; name the folder that was given to train as --out");
    }
    if (content.harness) {
      return harness(console);
    }
    ExportOptions options = options();
    InputFile.requireFree("--to", to);
    CheckpointExport.write(
        run, round == null ? OptionalInt.empty() : OptionalInt.of(round), to, options);
    if (json) {
      console.json(Map.of("checkpoint", to.toString()));
    } else {
      console.print(to.toString());
    }
    return ExitCode.OK;
  }

  private ExitCode harness(Console console) throws IOException {
    if (dtype != null) {
      throw UserException.usage("--dtype: a harness has no weights; leave it off");
    }
    if (round != null) {
      throw UserException.usage(
          "--round: the harnesses are those of the newest round; leave it off");
    }
    if (Files.exists(to)) {
      throw UserException.usage(
          "--to %s exists already: name a file that does not exist".formatted(to));
    }
    HarnessFile.write(run, to);
    if (json) {
      console.json(Map.of("harness", to.toString()));
    } else {
      console.print(to.toString());
    }
    return ExitCode.OK;
  }

  private ExportOptions options() {
    if (content.lora && dtype != null) {
      throw UserException.usage("--dtype: an adapter is written as it was trained; leave it off");
    }
    return new ExportOptions(
        content.lora ? ExportOptions.Content.ADAPTER : ExportOptions.Content.MERGED,
        new WeightFormat(
            dtype == null ? ElementType.F32 : type(dtype),
            ByteSize.parse("--max-shard-size", maxShardSize)),
        Version.text());
  }

  private static ElementType type(String name) {
    return Stream.of(ElementType.F32, ElementType.BF16, ElementType.F16)
        .filter(type -> type.torchName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                UserException.usage(
                    "--dtype %s: choose float32, bfloat16 or float16".formatted(name)));
  }
}
