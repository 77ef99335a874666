package dev.tandem.aegis.critique;

import dev.tandem.aegis.evolve.Manifest;
import dev.tandem.aegis.evolve.Signature;
import dev.tandem.rollout.Trajectory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.math3.special.Beta;
import org.jspecify.annotations.Nullable;

/** Holds a challenger's training episodes against the incumbent's and against its own manifest. */
final class Trial {
  /** With this many predictions of better results checked and none true, the idea is wrong. */
  private static final int TELLING_PREDICTIONS = 4;

  private Trial() {}

  /** Judges a challenger by the tasks that both arms played in the same round. */
  static Assessment assess(
      Manifest manifest,
      List<Trajectory> incumbentArm,
      List<Trajectory> challengerArm,
      double endorsement) {
    SortedMap<String, Rate> before = rates(incumbentArm);
    SortedMap<String, Rate> after = rates(challengerArm);
    int wins = 0;
    int losses = 0;
    for (Map.Entry<String, Rate> task : after.entrySet()) {
      Rate other = before.get(task.getKey());
      int comparison = other == null ? 0 : Double.compare(task.getValue().mean(), other.mean());
      wins += comparison > 0 ? 1 : 0;
      losses += comparison < 0 ? 1 : 0;
    }
    Score better =
        score(manifest.predictedUnlock(), after, (task, rate) -> rate.successes > 0)
            .plus(
                score(
                    manifest.predictedStabilise(),
                    after,
                    (task, rate) -> isAtLeast(rate, before.get(task)) && rate.successes > 0));
    Score kept = score(manifest.atRisk(), after, (task, rate) -> isAtLeast(rate, before.get(task)));
    Optional<String> objection =
        objection(manifest.signature(), challengerArm, better, wins, losses, endorsement);
    Score all = better.plus(kept);
    return new Assessment(
        objection.isEmpty(),
        objection.orElse(
            "it solved %d tasks more often than the incumbent and %d less often"
                .formatted(wins, losses)),
        manifest.signature().fired(challengerArm),
        challengerArm.size(),
        wins,
        losses,
        all.hits,
        all.checked);
  }

  private static Optional<String> objection(
      Signature signature,
      List<Trajectory> arm,
      Score better,
      int wins,
      int losses,
      double endorsement) {
    if (!signature.shownBy(arm)) {
      return Optional.of(
          "its signature is missing: processor '%s' acted in %d of %d episodes"
              .formatted(signature.processor(), signature.fired(arm), arm.size()));
    }
    if (better.checked >= TELLING_PREDICTIONS && better.hits == 0) {
      return Optional.of(
          "none of the %d tasks it was to help was helped".formatted(better.checked));
    }
    double chance = 1 - Beta.regularizedBeta(0.5, wins + 1.0, losses + 1.0);
    return chance < endorsement
        ? Optional.of(
            "it solved %d tasks less often than the incumbent and %d more often"
                .formatted(losses, wins))
        : Optional.empty();
  }

  private record Rate(int successes, int attempts) {
    double mean() {
      return (double) successes / attempts;
    }
  }

  private static SortedMap<String, Rate> rates(List<Trajectory> arm) {
    SortedMap<String, Rate> rates = new TreeMap<>();
    for (Trajectory trajectory : arm) {
      rates.merge(
          trajectory.task().key(),
          new Rate(trajectory.verdict().success() ? 1 : 0, 1),
          (a, b) -> new Rate(a.successes + b.successes, a.attempts + b.attempts));
    }
    return rates;
  }

  private static boolean isAtLeast(Rate rate, @Nullable Rate other) {
    return other == null || rate.mean() >= other.mean();
  }

  private record Score(int hits, int checked) {
    Score plus(Score other) {
      return new Score(hits + other.hits, checked + other.checked);
    }
  }

  private interface Prediction {
    boolean cameTrue(String task, Rate rate);
  }

  private static Score score(List<String> tasks, Map<String, Rate> rates, Prediction prediction) {
    int hits = 0;
    int checked = 0;
    for (String task : tasks) {
      Rate rate = rates.get(task);
      if (rate != null) {
        checked++;
        hits += prediction.cameTrue(task, rate) ? 1 : 0;
      }
    }
    return new Score(hits, checked);
  }
}
