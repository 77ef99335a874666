package dev.tandem.trainer.compare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.trainer.recipe.yaml.ConfigException;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is compared: one recipe under several conditions, each with the same seeds.
 *
 * @param recipe file that all conditions start from, relative to the plan's folder
 * @param seeds each is one run of every condition
 * @param set settings that hold for all conditions, by key path
 * @param conditions by name, in the order of the table
 * @param reference the condition that each other one is held against
 * @param harnesses further harnesses, by name, that every run's weights are measured under, as
 *     files relative to the plan's folder; the one that the recipe begins with is always measured
 */
public record ComparisonPlan(
    String recipe,
    List<Long> seeds,
    Map<String, JsonNode> set,
    Map<String, Condition> conditions,
    String reference,
    Map<String, String> harnesses) {
  /** Says nothing yet. */
  private static final ComparisonPlan EMPTY =
      new ComparisonPlan("", List.of(), Map.of(), Map.of(), "", Map.of());

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

  /**
   * How the runs of a condition differ from the others.
   *
   * @param set settings over those of the plan, by key path
   * @param attempts at each sealed task, one of which has to succeed; 1 if not given
   */
  public record Condition(@Nullable Map<String, JsonNode> set, @Nullable Integer attempts) {
    public Condition {
      if (attempts != null && attempts < 2) {
        throw new IllegalArgumentException(
            "attempts must be at least 2, was %d: leave it out for one".formatted(attempts));
      }
    }

    /** How often each sealed task is tried. */
    public int tries() {
      return attempts == null ? 1 : attempts;
    }
  }

  /** Checks what is there. */
  public ComparisonPlan {
    if (new HashSet<>(seeds).size() < seeds.size()) {
      throw new IllegalArgumentException("seeds must differ, were " + seeds);
    }
    conditions.keySet().forEach(name -> requireName("conditions", name));
    harnesses.keySet().forEach(name -> requireName("harnesses", name));
    for (String taken : List.of(Outcome.OWN, Outcome.INITIAL)) {
      if (harnesses.containsKey(taken)) {
        throw new IllegalArgumentException(
            "harnesses %s is measured anyway: leave it out or name it otherwise".formatted(taken));
      }
    }
    if (!conditions.isEmpty() && !conditions.containsKey(reference)) {
      throw new IllegalArgumentException(
          "reference '%s' is no condition; there are %s"
              .formatted(reference, String.join(", ", conditions.keySet())));
    }
  }

  private static void requireName(String key, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "%s %s: a name is made of a to z, 0 to 9 and _, as in more_cloning".formatted(key, name));
    }
  }

  /**
   * Reads a plan.
   *
   * @throws ConfigException when it cannot be used, saying where and why
   */
  public static ComparisonPlan load(Path file, List<String> sets) {
    ComparisonPlan plan = ConfigLoader.load(file, sets, EMPTY, ComparisonPlan.class);
    if (plan.recipe.isEmpty()) {
      throw new ConfigException(file.toString(), "recipe is missing: name a recipe file");
    }
    if (plan.seeds.isEmpty() || plan.conditions.size() < 2) {
      throw new ConfigException(
          file.toString(), "a comparison needs at least one of seeds and two conditions");
    }
    return plan;
  }

  /** Every run, seed by seed, so that what is there at any time is comparable. */
  public List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    seeds.forEach(
        seed -> conditions.keySet().forEach(condition -> cells.add(new Cell(condition, seed))));
    return cells;
  }

  /** The options that make a run of the recipe a cell's, later ones over earlier ones. */
  public List<String> options(Cell cell) {
    List<String> options = common(cell.seed());
    spelled(Optional.ofNullable(condition(cell).set()).orElse(Map.of())).forEach(options::add);
    return options;
  }

  /** The options that all conditions of a seed share. */
  public List<String> common(long seed) {
    List<String> options = new ArrayList<>(spelled(set));
    options.add("seed=" + seed);
    return options;
  }

  /** The condition of a cell. */
  public Condition condition(Cell cell) {
    return Optional.ofNullable(conditions.get(cell.condition())).orElseThrow();
  }

  private static List<String> spelled(Map<String, JsonNode> settings) {
    Map<String, String> options = new LinkedHashMap<>();
    settings.forEach((key, value) -> options.put(key, key + "=" + value));
    return List.copyOf(options.values());
  }
}
