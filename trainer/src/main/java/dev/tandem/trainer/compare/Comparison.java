package dev.tandem.trainer.compare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the cells of a plan came to, side by side.
 *
 * @param harnesses that sealed tasks were played under, a run's own first
 * @param rows one a condition that has an outcome, in the plan's order
 * @param contrasts the reference against each other condition, over the seeds that both have
 * @param missing names of cells without an outcome
 */
public record Comparison(
    List<String> harnesses, List<Row> rows, List<Contrast> contrasts, List<String> missing) {

  /**
   * A condition over its seeds.
   *
   * @param sealed by harness, absent where the condition was not measured under it
   * @param episodes mean over the seeds
   * @param seconds mean over the seeds
   */
  public record Row(
      String condition,
      List<Long> seeds,
      Map<String, Spread> sealed,
      double episodes,
      double seconds) {}

  /**
   * Shares of sealed tasks over seeds.
   *
   * @param values one a seed, in the row's order
   * @param worstSeed the seed with the least
   */
  public record Spread(double mean, double worst, long worstSeed, List<Double> values) {}

  /** Of the outcomes that are there. */
  public static Comparison of(ComparisonPlan plan, List<Outcome> outcomes) {
    Map<String, List<Outcome>> byCondition = new LinkedHashMap<>();
    plan.conditions().keySet().forEach(name -> byCondition.put(name, new ArrayList<>()));
    outcomes.stream()
        .sorted(Comparator.comparingInt(outcome -> plan.seeds().indexOf(outcome.seed())))
        .forEach(
            outcome ->
                Optional.ofNullable(byCondition.get(outcome.condition()))
                    .ifPresent(list -> list.add(outcome)));
    Set<String> harnesses = new LinkedHashSet<>(List.of(Outcome.OWN, Outcome.INITIAL));
    harnesses.addAll(plan.harnesses().keySet());
    List<Row> rows = new ArrayList<>();
    byCondition.forEach(
        (condition, of) -> {
          if (!of.isEmpty()) {
            rows.add(row(condition, of, harnesses));
          }
        });
    List<String> there =
        outcomes.stream().map(one -> new Cell(one.condition(), one.seed()).name()).toList();
    return new Comparison(
        List.copyOf(harnesses),
        rows,
        contrasts(plan.reference(), byCondition),
        plan.cells().stream().map(Cell::name).filter(name -> !there.contains(name)).toList());
  }

  private static Row row(String condition, List<Outcome> outcomes, Set<String> harnesses) {
    Map<String, Spread> sealed = new LinkedHashMap<>();
    for (String harness : harnesses) {
      if (outcomes.stream().allMatch(one -> one.sealed().containsKey(harness))) {
        sealed.put(harness, spread(outcomes, harness));
      }
    }
    return new Row(
        condition,
        outcomes.stream().map(Outcome::seed).toList(),
        sealed,
        outcomes.stream().mapToLong(Outcome::episodes).average().orElse(0),
        outcomes.stream().mapToDouble(Outcome::seconds).average().orElse(0));
  }

  private static Spread spread(List<Outcome> outcomes, String harness) {
    List<Double> values = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      values.add(Optional.ofNullable(outcome.sealed().get(harness)).orElseThrow().share());
    }
    int worst = 0;
    for (int i = 1; i < values.size(); i++) {
      worst = values.get(i) < values.get(worst) ? i : worst;
    }
    return new Spread(
        values.stream().mapToDouble(Double::doubleValue).average().orElse(0),
        values.get(worst),
        outcomes.get(worst).seed(),
        values);
  }

  private static List<Contrast> contrasts(
      String reference, Map<String, List<Outcome>> byCondition) {
    List<Contrast> contrasts = new ArrayList<>();
    List<Outcome> of = byCondition.getOrDefault(reference, List.of());
    byCondition.forEach(
        (condition, others) -> {
          List<Contrast.Pair> pairs = new ArrayList<>();
          for (Outcome one : of) {
            others.stream()
                .filter(other -> other.seed() == one.seed())
                .forEach(other -> pairs.add(Contrast.Pair.of(one.seed(), one.own(), other.own())));
          }
          if (!condition.equals(reference) && !pairs.isEmpty()) {
            contrasts.add(Contrast.of(reference, condition, pairs));
          }
        });
    return contrasts;
  }
}
