package dev.tandem.trainer.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.aegis.route.HarnessPool;
import dev.tandem.rollout.RandomStreams;
import dev.tandem.rollout.Split;
import dev.tandem.trainer.Evaluation;
import dev.tandem.trainer.compare.Cell;
import dev.tandem.trainer.compare.ComparisonPlan;
import dev.tandem.trainer.compare.Outcome;
import dev.tandem.trainer.compare.Solved;
import dev.tandem.trainer.compare.Start;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.plugin.Recipe;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import dev.tandem.trainer.run.RunFolder;
import dev.tandem.trainer.run.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * One cell of a comparison, from its training run to its outcome. What a killed one left is gone on
 * with.
 *
 * @param folder of the comparison
 */
record CellWork(
    Console console,
    Path planFile,
    ComparisonPlan plan,
    ComparisonFolder folder,
    Execution execution,
    List<String> arguments) {

  void play(Cell cell) throws IOException {
    if (cell.condition().equals(Start.NAME)) {
      try (Recipe recipe = startOf(cell.seed())) {
        train(cell, recipe);
      }
      return;
    }
    try (Recipe alone = recipe(plan.options(cell))) {
      Cell start = new Cell(Start.NAME, cell.seed());
      boolean shared;
      try (Recipe startRecipe = startOf(cell.seed())) {
        shared =
            Start.serves(
                alone.config(),
                startRecipe.config(),
                alone.doors().family(alone.config().environment()).tasks());
      }
      if (!shared) {
        measure(cell, alone, 0);
        return;
      }
      List<String> options = new ArrayList<>(plan.options(cell));
      options.add(
          ConfigLoader.set(
              "model.checkpoint",
              new RunFolder(folder.run(start)).checkpoint(0).toAbsolutePath().normalize()));
      try (Recipe begun = recipe(options)) {
        measure(cell, begun, summary(start).path("wall_seconds").asDouble());
      }
    }
  }

  private Recipe recipe(List<String> options) {
    return Recipe.load(InputFile.beside(planFile, plan.recipe()), options);
  }

  private Recipe startOf(long seed) {
    List<String> options = new ArrayList<>(plan.common(seed));
    options.addAll(Start.SETTINGS);
    return recipe(options);
  }

  private JsonNode summary(Cell cell) throws IOException {
    return new ObjectMapper()
        .readTree(Files.readString(folder.run(cell).resolve(RunFiles.SUMMARY)));
  }

  private RunSummary train(Cell cell, Recipe recipe) throws IOException {
    Path run = folder.run(cell);
    RunJob job = new RunJob(console, recipe, run, execution, arguments);
    return RunFiles.isRun(run) ? job.goOn(OptionalInt.empty()) : job.begin();
  }

  /**
   * @param before seconds that went into the weights that the run begins with
   */
  private void measure(Cell cell, Recipe recipe, double before) throws IOException {
    RunSummary summary = train(cell, recipe);
    RunConfig config = recipe.config();
    int tries = plan.condition(cell).tries();
    int tasks = config.evaluation().sealedEpisodes();
    Map<String, Solved> sealed = new LinkedHashMap<>();
    try (Evaluation evaluation = new Evaluation(recipe, execution, new ConsoleMonitor(console))) {
      Agent agent = new Agent(evaluation, folder.run(cell), summary.rounds(), tasks);
      Solved own = Solved.ofRun(folder.run(cell), summary.rounds());
      for (int attempt = 1; attempt < tries; attempt++) {
        own =
            own.or(
                agent.solves(
                    agent.own(), RandomStreams.derive(cell.seed(), "another attempt", attempt)));
      }
      sealed.put(Outcome.OWN, own);
      Map<String, HarnessPool> others = new LinkedHashMap<>();
      others.put(Outcome.INITIAL, evaluation.harness(config.harness().toString(), "harness"));
      for (Map.Entry<String, String> other : plan.harnesses().entrySet()) {
        Path file = InputFile.beside(planFile, other.getValue());
        others.put(
            other.getKey(), evaluation.harness(InputFile.text(file, "a harness"), file.toString()));
      }
      if (tries == 1) {
        for (Map.Entry<String, HarnessPool> other : others.entrySet()) {
          sealed.put(
              other.getKey(),
              other.getValue().equals(agent.own())
                  ? own
                  : agent.solves(other.getValue(), cell.seed()));
        }
      }
    }
    folder.keep(
        new Outcome(
            cell.condition(),
            cell.seed(),
            summary.rounds(),
            summary.episodes() + (long) (tries - 1) * tasks,
            before + summary.wallSeconds(),
            sealed));
  }

  /** A run's weights on sealed tasks. */
  private record Agent(Evaluation evaluation, Path run, int round, int tasks) {
    HarnessPool own() throws IOException {
      Path file = run.resolve(RunFiles.HARNESS);
      return evaluation.harness(Files.readString(file), file.toString());
    }

    Solved solves(HarnessPool harness, long seed) {
      return Solved.of(
          evaluation.played(
              harness,
              new RunFolder(run).checkpoint(round),
              null,
              /* ofRun= */ true,
              /* temperature= */ 1,
              Split.SEALED,
              tasks,
              seed));
    }
  }
}
