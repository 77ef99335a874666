package dev.tandem.aegis;

import dev.tandem.aegis.route.Variant;
import dev.tandem.aegis.route.VariantPool;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Observation;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Trajectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A round's episodes with the harness version that each ran under.
 *
 * @param episodes that were judged
 * @param failures how many were not, for reasons outside the agent, by harness version
 */
record Observed(List<Episode> episodes, SortedMap<Assignment, Integer> failures) {
  /** One judged episode. */
  record Episode(Assignment arm, Trajectory trajectory) {}

  /**
   * @throws IllegalArgumentException if an episode ran under a harness that was not planned
   */
  static Observed of(RoundEvidence evidence) {
    Map<String, Assignment> assignments = evidence.plan().assignments();
    List<Episode> judged = new ArrayList<>();
    SortedMap<Assignment, Integer> failures = new TreeMap<>();
    for (Trajectory one : evidence.played().trajectories()) {
      Assignment arm = arm(assignments, one.id(), one.harnessHash());
      if (one.episode().exitReason().isInfrastructure()) {
        failures.merge(arm, 1, Integer::sum);
      } else {
        judged.add(new Episode(arm, one));
      }
    }
    for (FailedEpisode one : evidence.played().failures()) {
      failures.merge(arm(assignments, one.id(), one.harnessHash()), 1, Integer::sum);
    }
    return new Observed(judged, failures);
  }

  private static Assignment arm(Map<String, Assignment> assignments, String id, String hash) {
    Assignment arm = assignments.get(hash);
    if (arm == null) {
      throw new IllegalArgumentException(
          "episode %s must have run under a harness of the round's plan, ran under harness %s"
              .formatted(id, hash));
    }
    return arm;
  }

  /** Evidence for the screen. */
  List<Observation> observations(int round) {
    return episodes.stream()
        .map(
            one ->
                new Observation(
                    round,
                    one.trajectory().task().key(),
                    one.trajectory().task().category(),
                    one.arm(),
                    one.trajectory().verdict().success()))
        .toList();
  }

  /** The episodes of a variant as it is, at the tasks that it serves. */
  List<Trajectory> under(Variant variant, VariantPool pool) {
    return episodes.stream()
        .filter(one -> one.arm().equals(variant.assignment()))
        .map(Episode::trajectory)
        .filter(one -> pool.serving(one.task().category()).equals(variant))
        .toList();
  }

  /** The episodes of some harness versions. */
  List<Trajectory> under(Predicate<Assignment> arms) {
    return episodes.stream().filter(one -> arms.test(one.arm())).map(Episode::trajectory).toList();
  }
}
