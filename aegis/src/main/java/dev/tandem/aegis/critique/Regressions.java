package dev.tandem.aegis.critique;

import dev.tandem.aegis.digest.TaskDigest;
import dev.tandem.aegis.digest.TaskRecord;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.spi.FailureCategory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Tasks that were safely solved until something shipped and have been lost since. While they stand,
 * only what takes that something back, or is meant to cure what is wrong with them, may ship.
 *
 * <p>One lost task is chance as often as not: a task that was solved in four attempts of four is
 * lost in the next two with a probability of 5% though nothing has changed (uniform prior). So they
 * count when there are more of them than chance makes in a round.
 *
 * @param standing the tasks that count, in the order of the digest
 */
public record Regressions(List<Lost> standing) {
  private static final int PROVEN_ATTEMPTS = 4;
  private static final int LOST_ATTEMPTS = 2;
  private static final double CHANCE = 0.05;

  public Regressions {
    standing = List.copyOf(standing);
  }

  /**
   * A bundle that shipped.
   *
   * @param round after which it was in force
   */
  public record Ship(String id, int round, List<Lever> levers) {
    public Ship {
      levers = List.copyOf(levers);
    }
  }

  /**
   * A task that is lost.
   *
   * @param until the last round in which it was solved
   * @param ship the first bundle after that which is still in force
   * @param failures what goes wrong in it now
   */
  public record Lost(String task, int until, Ship ship, SortedSet<FailureCategory> failures) {
    private boolean isAddressed(Bundle bundle, Collection<FailureCategory> cures) {
      return !Collections.disjoint(failures, cures)
          || bundle.changes().stream()
              .map(Assignment.Change::factor)
              .anyMatch(
                  factor ->
                      ship.levers.stream().anyMatch(lever -> lever.factor().equals(factor.id())));
    }
  }

  /**
   * What stands after a round.
   *
   * @param tasks of the round
   * @param history by task, this round's record being the last
   * @param ships oldest first
   * @param inForce whether the incumbent has a lever
   */
  public static Regressions of(
      List<TaskDigest> tasks,
      Map<String, List<TaskRecord>> history,
      List<Ship> ships,
      Predicate<Lever> inForce) {
    List<Lost> lost = new ArrayList<>();
    double expected = 0;
    for (TaskDigest task : tasks) {
      List<TaskRecord> records = history.getOrDefault(task.task(), List.of());
      int proven = proven(records);
      List<TaskRecord> before = records.subList(0, proven);
      List<TaskRecord> since = records.subList(proven, records.size());
      int attempts = since.stream().mapToInt(TaskRecord::attempts).sum();
      int solved = before.stream().mapToInt(TaskRecord::attempts).sum();
      boolean isSafe =
          before.stream().allMatch(record -> record.successes() == record.attempts())
              && solved >= PROVEN_ATTEMPTS
              && attempts >= LOST_ATTEMPTS;
      if (isSafe) {
        expected += chanceOfLosing(attempts, solved);
        if (since.stream().allMatch(record -> record.successes() == 0)) {
          lost(task, before.getLast().round(), since.getFirst().round(), ships, inForce)
              .ifPresent(lost::add);
        }
      }
    }
    return new Regressions(tail(lost.size(), expected) < CHANCE ? lost : List.of());
  }

  /** How many of the records come before the last one and those that are lost like it. */
  private static int proven(List<TaskRecord> records) {
    int first = Math.max(0, records.size() - 1);
    while (first > 0 && records.get(first).successes() == 0 && isLost(records.get(first - 1))) {
      first--;
    }
    return first;
  }

  private static boolean isLost(TaskRecord record) {
    return record.successes() == 0;
  }

  /** That all attempts fail after so many of as many were solved, by Laplace's rule. */
  private static double chanceOfLosing(int attempts, int solved) {
    double chance = 1;
    for (int i = 0; i < attempts; i++) {
      chance *= (1.0 + i) / (solved + 2 + i);
    }
    return chance;
  }

  /** Chance of so many rare events or more where so many are expected (Poisson). */
  private static double tail(int events, double expected) {
    double term = Math.exp(-expected);
    double below = 0;
    for (int i = 0; i < events; i++) {
      below += term;
      term *= expected / (i + 1);
    }
    return 1 - below;
  }

  private static Optional<Lost> lost(
      TaskDigest task, int until, int since, List<Ship> ships, Predicate<Lever> inForce) {
    return ships.stream()
        .filter(ship -> ship.round >= until && ship.round < since)
        .filter(ship -> ship.levers.stream().anyMatch(inForce))
        .findFirst()
        .map(
            ship ->
                new Lost(
                    task.task(),
                    until,
                    ship,
                    Collections.unmodifiableSortedSet(new TreeSet<>(task.failures().keySet()))));
  }

  /**
   * Those that a bundle does nothing about.
   *
   * @param cures failures that its changes are meant to cure
   */
  public List<Lost> unaddressed(Bundle bundle, Collection<FailureCategory> cures) {
    return standing.stream().filter(lost -> !lost.isAddressed(bundle, cures)).toList();
  }

  /** Why nothing may ship while these stand. */
  public static String reason(List<Lost> lost) {
    Lost first = lost.getFirst();
    return "%d tasks that were safely solved are lost since %s shipped, such as %s (solved until round %d), and the bundle neither takes any of it back nor is meant to cure %s"
        .formatted(
            lost.size(),
            first.ship.id,
            first.task,
            first.until,
            first.failures.isEmpty() ? "whatever is wrong with them" : first.failures);
  }
}
