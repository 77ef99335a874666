package dev.tandem.aegis.study;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** True success of harness versions in a world: the mean over many tasks. */
final class Truth {
  private static final int TASKS = 1500;

  private final World world;
  private final List<StudyTask> tasks;
  private final Map<Lever, double[]> effects = new HashMap<>();
  private final Map<Assignment, Map<String, Double>> known = new HashMap<>();

  Truth(World world) {
    this.world = world;
    this.tasks = StudyTask.draw(world, "truth", 0, TASKS);
  }

  /** Success by cluster, and overall under the empty name. */
  Map<String, Double> of(Assignment arm) {
    return known.computeIfAbsent(arm, this::compute);
  }

  double success(Assignment arm) {
    return of(arm).getOrDefault("", 0.0);
  }

  private Map<String, Double> compute(Assignment arm) {
    double[] odds = tasks.stream().mapToDouble(world::bare).toArray();
    for (Lever lever : arm.levers()) {
      double[] added =
          effects.computeIfAbsent(
              lever, key -> tasks.stream().mapToDouble(task -> world.effect(task, key)).toArray());
      for (int i = 0; i < odds.length; i++) {
        odds[i] += added[i];
      }
    }
    double together = world.together(arm);
    Map<String, double[]> sums = new TreeMap<>();
    for (int i = 0; i < odds.length; i++) {
      double chance = 1 / (1 + Math.exp(-odds[i] - together));
      for (String key : List.of("", tasks.get(i).cluster())) {
        double[] sum = sums.computeIfAbsent(key, ignored -> new double[2]);
        sum[0] += chance;
        sum[1]++;
      }
    }
    Map<String, Double> means = new TreeMap<>();
    sums.forEach((key, sum) -> means.put(key, sum[0] / sum[1]));
    return Collections.unmodifiableMap(means);
  }

  /** The best version without levers that harm a cluster, by steepest ascent. */
  Assignment best() {
    Assignment best = Assignment.REFERENCE;
    while (true) {
      Assignment better = best;
      for (Factor factor : world.factors()) {
        for (String level : factor.levels()) {
          Assignment one = best.with(factor, level);
          if (success(one) > success(better)
              && !world.confined().contains(new Lever(factor.id(), level))) {
            better = one;
          }
        }
      }
      if (better.equals(best)) {
        return withPairs(best);
      }
      best = better;
    }
  }

  /** Two levers may be of use only together. */
  private Assignment withPairs(Assignment start) {
    Assignment best = start;
    for (World.Pair pair : world.together()) {
      Assignment both = best;
      for (Factor factor : world.factors()) {
        for (Lever lever : List.of(pair.first(), pair.second())) {
          both = factor.id().equals(lever.factor()) ? both.with(factor, lever.level()) : both;
        }
      }
      best = success(both) > success(best) ? both : best;
    }
    return best;
  }
}
