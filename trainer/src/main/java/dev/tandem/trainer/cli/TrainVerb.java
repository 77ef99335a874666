package dev.tandem.trainer.cli;

import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.run.RunSummary;
import dev.tandem.trainer.run.SuccessRate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "train",
    description = "Train a model and the harness around it: the main job.",
    footer = {
      "",
      "Example:",
      "  tandem train configs/house.yaml --set mode=harness --set rounds=10 --out runs/harness"
    })
final class TrainVerb extends Verb {
  @Parameters(paramLabel = "CONFIG", description = "The recipe, such as configs/house.yaml.")
  private Path recipe = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Change one setting, such as --set rollout.tasks_per_round=32; repeatable.")
  private List<String> sets = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the run; runs/<name of the recipe> if not given.")
  private @Nullable Path out;

  @Option(names = "--resume", description = "Go on with the run in the folder after a kill.")
  private boolean resume;

  @Option(
      names = "--from-round",
      paramLabel = "N",
      description =
          "With --resume: go back to an older complete round; what is newer is set aside.")
  private @Nullable Integer fromRound;

  @Mixin private DeviceOption device = new DeviceOption();

  @Option(names = "--json", description = "Print one JSON object as the last line.")
  private boolean json;

  @Override
  Remains remains() {
    return _ -> "the run has not begun";
  }

  @Override
  ExitCode run(Console console) throws IOException {
    if (fromRound != null && !resume) {
      throw UserException.usage("--from-round goes back in a run: add --resume, or leave it off");
    }
    Path path = out == null ? Path.of("runs", stem(recipe)) : out;
    try (Recipe loaded = Recipe.load(recipe, sets)) {
      RunJob job = new RunJob(console, loaded, path, device.execution(), arguments());
      RunSummary summary =
          resume
              ? job.goOn(fromRound == null ? OptionalInt.empty() : OptionalInt.of(fromRound))
              : job.begin();
      if (json) {
        console.json(summary);
      } else {
        console.print(text(summary, path, path.resolve(RunFiles.REPORT)));
      }
    }
    return ExitCode.OK;
  }

  /** A file's name without what it ends with. */
  static String stem(Path recipe) {
    String name = String.valueOf(recipe.getFileName());
    return name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name;
  }

  private static String text(RunSummary summary, Path folder, Path report) {
    SuccessRate start = summary.start().sealed();
    SuccessRate end = summary.end().sealed();
    return String.format(
        Locale.ROOT,
        """

        mode %s, seed %d: %d rounds, %,d episodes, %.0f s, %s MB
        sealed success  %s  ->  %s  (%+.1f points)
        harness         %s; now %s
        weights         %s
        folder          %s
        report          %s\
        """,
        summary.mode(),
        summary.seed(),
        summary.rounds(),
        summary.episodes(),
        summary.wallSeconds(),
        summary.peakRssMb() == null ? "?" : summary.peakRssMb().toString(),
        rate(start),
        rate(end),
        100 * (end.success() - start.success()),
        edits(summary),
        summary.harnessSha256().substring(0, 12),
        summary.weightsSha256().substring(0, 12),
        folder,
        report);
  }

  /** Of the edits that were tried, as {@link dev.tandem.aegis.Verdict} counts them. */
  private static String edits(RunSummary summary) {
    return "%d bundles shipped%s, %d rejected"
        .formatted(
            summary.shipped(),
            summary.reverted() == 0
                ? ""
                : " (%d levers taken out later)".formatted(summary.reverted()),
            summary.rejected());
  }

  static String rate(SuccessRate rate) {
    return String.format(
        Locale.ROOT,
        "%.1f%% [%.1f, %.1f] of %d",
        100 * rate.success(),
        100 * rate.low(),
        100 * rate.high(),
        rate.episodes());
  }
}
