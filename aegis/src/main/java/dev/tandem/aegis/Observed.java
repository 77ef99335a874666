package dev.tandem.aegis;

import dev.tandem.aegis.route.Variant;
import dev.tandem.aegis.route.VariantPool;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Observation;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Trajectories;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A round's episodes with the harness version that each ran under.
 *
 * @param assignments harness versions by content hash
 * @param episodes that were judged
 * @param observations the same as evidence for the screen
 * @param failures how many were not judged, for reasons outside the agent, by harness version
 */
record Observed(
    Map<String, Assignment> assignments,
    Trajectories episodes,
    List<Observation> observations,
    SortedMap<Assignment, Integer> failures) {
  /**
   * @throws IllegalArgumentException if an episode ran under a harness that was not planned
   */
  static Observed of(RoundEvidence evidence) {
    Map<String, Assignment> assignments = evidence.plan().assignments();
    List<Observation> judged = new ArrayList<>();
    SortedMap<Assignment, Integer> failures = new TreeMap<>();
    evidence
        .judged()
        .forEach(
            one -> {
              Assignment arm = arm(assignments, one.id(), one.harnessHash());
              if (isJudged(one)) {
                judged.add(
                    new Observation(
                        evidence.round(),
                        one.task().key(),
                        one.task().category(),
                        arm,
                        one.verdict().success(),
                        one.verdict().lenient(),
                        isGamed(one.verdict())));
              } else {
                failures.merge(arm, 1, Integer::sum);
              }
            });
    for (FailedEpisode one : evidence.failures()) {
      failures.merge(arm(assignments, one.id(), one.harnessHash()), 1, Integer::sum);
    }
    return new Observed(
        assignments, evidence.judged().filter(Observed::isJudged), judged, failures);
  }

  /** The environment says so, or the lenient verifier accepts in full what the strict one fails. */
  private static boolean isGamed(Verdict verdict) {
    return !verdict.exploitFlags().isEmpty() || (verdict.lenient() >= 1 && !verdict.success());
  }

  private static boolean isJudged(Trajectory episode) {
    return !episode.episode().exitReason().isInfrastructure();
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

  /** The episodes of a variant as it is, at the tasks that it serves. */
  Trajectories under(Variant variant, VariantPool pool) {
    return episodes.filter(
        one ->
            arm(assignments, one.id(), one.harnessHash()).equals(variant.assignment())
                && pool.serving(one.task().category()).equals(variant));
  }

  /** The episodes of some harness versions. */
  Trajectories under(Predicate<Assignment> arms) {
    return episodes.filter(one -> arms.test(arm(assignments, one.id(), one.harnessHash())));
  }
}
