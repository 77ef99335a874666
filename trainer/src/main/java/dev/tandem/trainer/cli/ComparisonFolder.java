package dev.tandem.trainer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.trainer.compare.Cell;
import dev.tandem.trainer.compare.Comparison;
import dev.tandem.trainer.compare.ComparisonPlan;
import dev.tandem.trainer.compare.Outcome;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.ResultJson;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a comparison is kept: a run's folder for each cell, what each came to under {@code
 * outcomes}, and the table.
 */
record ComparisonFolder(Path path) {
  private static final String PLAN = "comparison.yaml";
  private static final String OUTCOMES = "outcomes";
  private static final String TABLE = "comparison.json";

  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  /** Whether a comparison was begun there. */
  boolean isBegun() {
    return Files.exists(path.resolve(PLAN));
  }

  void keep(ComparisonPlan plan) throws IOException {
    AtomicFiles.write(path.resolve(PLAN), ConfigLoader.effective(plan));
  }

  Path run(Cell cell) {
    return path.resolve(cell.folder());
  }

  /** Where the process that plays a cell says what it does. */
  Path log(Cell cell) throws IOException {
    return Files.createDirectories(path.resolve("logs")).resolve(cell.folder() + ".log");
  }

  void keep(Outcome outcome) throws IOException {
    Path file = outcome(new Cell(outcome.condition(), outcome.seed()));
    Files.createDirectories(path.resolve(OUTCOMES));
    AtomicFiles.write(file, ResultJson.text(outcome) + "\n");
  }

  void keep(Comparison comparison) throws IOException {
    AtomicFiles.write(path.resolve(TABLE), ResultJson.text(comparison) + "\n");
  }

  /** What a cell came to; empty while it is not known. */
  Optional<Outcome> outcomeOf(Cell cell) throws IOException {
    Path file = outcome(cell);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readString(file), Outcome.class));
    } catch (JsonProcessingException damaged) {
      throw UserException.failed(
          "%s is damaged: delete it, and --resume measures %s again".formatted(file, cell.name()));
    }
  }

  List<Outcome> outcomes(ComparisonPlan plan) throws IOException {
    List<Outcome> outcomes = new ArrayList<>();
    for (Cell cell : plan.cells()) {
      outcomeOf(cell).ifPresent(outcomes::add);
    }
    return outcomes;
  }

  private Path outcome(Cell cell) {
    return path.resolve(OUTCOMES).resolve(cell.folder() + ".json");
  }
}
