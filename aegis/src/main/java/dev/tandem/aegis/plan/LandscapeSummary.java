package dev.tandem.aegis.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.digest.Anchor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.spi.FailureCategory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The landscape as ledger, report and meta-agents read it: one schema, the same bytes for the same
 * episodes whatever their order.
 *
 * @param attempts of the harness in force
 * @param clusters failures that belong together, those with regressions first, then the heaviest
 * @param regressions keys of the tasks that were safely solved before and are lost
 * @param neglected failures that nothing in force and no lever in play is meant to cure, the
 *     heaviest first
 * @param hitRates how often predictions came true, by type of change and by lever
 * @param concerns what critic and gate said in the last rounds that still stands
 */
public record LandscapeSummary(
    int tasks,
    int attempts,
    int successes,
    List<Row> clusters,
    List<String> regressions,
    List<Neglected> neglected,
    List<HitRate> hitRates,
    List<Concern> concerns) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY).build();

  public LandscapeSummary {
    clusters = List.copyOf(clusters);
    regressions = List.copyOf(regressions);
    neglected = List.copyOf(neglected);
    hitRates = List.copyOf(hitRates);
    concerns = List.copyOf(concerns);
  }

  /**
   * A cluster without its evidence but for one place.
   *
   * @param tasks how many fail this way
   * @param weight how many tasks' failures it is to blame for
   * @param seen where to look
   */
  public record Row(
      String category,
      FailureCategory failure,
      int tasks,
      double weight,
      int regressions,
      Anchor seen) {}

  /**
   * A failure without a cure.
   *
   * @param weight how many tasks' failures it is to blame for
   */
  public record Neglected(FailureCategory failure, double weight) {}

  /** Tasks whose failures each category is to blame for. */
  public SortedMap<FailureCategory, Double> blame() {
    SortedMap<FailureCategory, Double> blame = new TreeMap<>();
    clusters.forEach(row -> blame.merge(row.failure, row.weight, Double::sum));
    return blame;
  }

  /** With sorted keys and no white space. */
  public String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a landscape is JSON", e);
    }
  }

  /** For people and language models. */
  public String text() {
    List<String> lines = new ArrayList<>();
    lines.add("%d tasks, %d attempts, %d successes".formatted(tasks, attempts, successes));
    if (!regressions.isEmpty()) {
      lines.add("lost, though safely solved before: " + String.join(", ", regressions));
    }
    for (Row row : clusters) {
      lines.add(
          "%s in %s: to blame for %s, seen in %d%s; look at %s, step %d"
              .formatted(
                  row.failure,
                  row.category,
                  tasks(row.weight),
                  row.tasks,
                  row.regressions == 0 ? "" : ", lost before: " + row.regressions,
                  row.seen.trajectory(),
                  row.seen.step()));
    }
    for (Neglected one : neglected) {
      lines.add(
          "neglected: %s (%s): nothing in force and no lever in play is meant to cure it"
              .formatted(one.failure, tasks(one.weight)));
    }
    for (HitRate rate : hitRates) {
      lines.add(
          "predictions about %s%s: %d of %d came true"
              .formatted(
                  rate.of() == HitRate.Of.TYPE ? "changes of " : "",
                  rate.name(),
                  rate.hits(),
                  rate.scored()));
    }
    for (Concern concern : concerns) {
      lines.add(
          "round %d, %s, on %s: %s"
              .formatted(
                  concern.round(),
                  concern.source().name().toLowerCase(Locale.ROOT),
                  concern.levers().stream().map(Lever::toString).collect(Collectors.joining(", ")),
                  concern.reason()));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String tasks(double weight) {
    return String.format(Locale.ROOT, "%.1f tasks", weight);
  }
}
