package dev.tandem.trainer.cli;

import dev.tandem.trainer.compare.Cell;
import dev.tandem.trainer.compare.Comparison;
import dev.tandem.trainer.compare.ComparisonPlan;
import dev.tandem.trainer.compare.ComparisonTable;
import dev.tandem.trainer.compare.Start;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.report.ComparisonPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs of one recipe under several conditions and seeds, and the table that settles it. */
@Command(
    name = "compare",
    description = {
      "Train one recipe under several conditions, each with the same seeds and the same budget of"
          + " episodes, and hold them against each other on sealed tasks.",
      "Every run is a run's folder in DIR, for report, traces and eval."
    },
    footer = {"", "Example:", "  tandem compare configs/house-compare.yaml --jobs 2"})
final class CompareVerb extends Verb {
  private static final Pattern CELL = Pattern.compile("([a-z][a-z0-9_]*)/(-?\\d{1,18})");

  @Parameters(paramLabel = "PLAN", description = "What to compare: configs/house-compare.yaml.")
  private Path planFile = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Change one key of the plan, such as --set seeds=[1,2]; repeatable.")
  private List<String> sets = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the comparison; runs/<name of the plan> if not given.")
  private @Nullable Path out;

  @Option(
      names = "--resume",
      description =
          "Go on with the comparison in the folder; seeds and conditions may have been added.")
  private boolean resume;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Runs at once, each a process with its share of the cores (default: ${DEFAULT-VALUE}).")
  private int jobs = 1;

  @Option(
      names = "--only",
      paramLabel = "CONDITION/SEED",
      description =
          "Play this one run, such as start/1 or coevolution/2, as another machine may; start/SEED"
              + " comes first.")
  private @Nullable String only;

  @Mixin private DeviceOption device = new DeviceOption();
  @Mixin private JsonOption json = new JsonOption();

  @Override
  Remains remains() {
    return new Remains() {
      @Override
      public String afterSignal(Duration patience) {
        return "every run is safe up to its last round; go on with\n  "
            + ShellCommand.resuming(arguments());
      }

      @Override
      public Optional<String> afterFailure() {
        return Optional.empty();
      }
    };
  }

  @Override
  ExitCode run(Console console) throws IOException, InterruptedException {
    Numbers.atLeast("--jobs", jobs, 1);
    ComparisonPlan plan = ComparisonPlan.load(planFile, sets);
    ComparisonFolder folder =
        new ComparisonFolder(out == null ? Path.of("runs", TrainVerb.stem(planFile)) : out);
    if (only != null) {
      Cell cell = cell(plan, only);
      new CellWork(console, planFile, plan, folder, device.execution(), arguments()).play(cell);
      return ExitCode.OK;
    }
    check(plan);
    if (folder.isBegun() && !resume) {
      throw UserException.usage(
          folder.path()
              + " already holds a comparison; add --resume to go on with it or name another --out");
    }
    try (OutputFolder _ = OutputFolder.create(folder.path())) {
      folder.keep(plan);
      List<String> failed = play(console, plan, folder);
      Comparison comparison = Comparison.of(plan, folder.outcomes(plan));
      folder.keep(comparison);
      Path page = ComparisonPage.write(folder.path(), comparison);
      if (json.wanted()) {
        console.json(comparison);
      } else {
        ComparisonTable.lines(comparison).forEach(console::print);
        console.print("");
        console.print("page  " + page);
      }
      if (!failed.isEmpty()) {
        throw UserException.failed(
            "%d of %d runs failed (%s); once that is mended, go on with\n  %s"
                .formatted(
                    failed.size(),
                    plan.cells().size(),
                    String.join(", ", failed),
                    ShellCommand.resuming(arguments())));
      }
    }
    return ExitCode.OK;
  }

  /** Every condition's recipe loads, before the first one takes its time. */
  private void check(ComparisonPlan plan) throws IOException {
    Path recipe = InputFile.beside(planFile, plan.recipe());
    for (Cell cell : plan.cells()) {
      Recipe.load(recipe, plan.options(cell)).close();
    }
    for (String harness : plan.harnesses().values()) {
      InputFile.text(InputFile.beside(planFile, harness), "a harness file");
    }
  }

  private static Cell cell(ComparisonPlan plan, String name) {
    Matcher parts = CELL.matcher(name);
    if (parts.matches()) {
      Cell cell = new Cell(parts.group(1), Long.parseLong(parts.group(2)));
      boolean starts = cell.condition().equals(Start.NAME) && plan.seeds().contains(cell.seed());
      if (starts || plan.cells().contains(cell)) {
        return cell;
      }
    }
    throw UserException.usage(
        "--only %s is no run of the plan; there are %s"
            .formatted(
                name,
                Stream.concat(
                        plan.seeds().stream().map(seed -> new Cell(Start.NAME, seed)),
                        plan.cells().stream())
                    .map(Cell::name)
                    .toList()));
  }

  /** Plays what has no outcome yet; answers what failed. */
  private List<String> play(Console console, ComparisonPlan plan, ComparisonFolder folder)
      throws IOException, InterruptedException {
    List<Cell> missing = new ArrayList<>();
    for (Cell cell : plan.cells()) {
      if (folder.outcomeOf(cell).isEmpty()) {
        missing.add(cell);
      }
    }
    List<Cell> starts =
        missing.stream()
            .map(Cell::seed)
            .distinct()
            .map(seed -> new Cell(Start.NAME, seed))
            .filter(start -> needed(plan, start) && !isComplete(folder, start))
            .toList();
    CellQueue queue = new CellQueue(console, folder, jobs, this::commandOf);
    List<String> failed = queue.play("warm starts", starts);
    return failed.isEmpty() ? queue.play("runs", missing) : failed;
  }

  /** A recipe that begins with a checkpoint has nothing to warm up. */
  private boolean needed(ComparisonPlan plan, Cell start) {
    Path recipe = InputFile.beside(planFile, plan.recipe());
    try (Recipe common = Recipe.load(recipe, plan.common(start.seed()))) {
      return Start.isWarmedUp(common.config());
    }
  }

  private static boolean isComplete(ComparisonFolder folder, Cell start) {
    return Files.exists(folder.run(start).resolve(RunFiles.SUMMARY));
  }

  private List<String> commandOf(Cell cell) {
    List<String> command = new ArrayList<>(arguments());
    command.removeIf(word -> word.equals("--resume") || word.equals("--json"));
    command.addAll(List.of("--only", cell.name()));
    return command;
  }
}
