package dev.tandem.aegis;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Judged episodes made by hand. */
public final class TestEpisodes {
  private static final Map<List<Object>, TaskSpec> TASKS = new ConcurrentHashMap<>();

  private TestEpisodes() {}

  /** A task of this split with a step limit of 20. */
  public static TaskSpec task(Split split, String category, int index) {
    return TASKS.computeIfAbsent(
        List.of(split, category, index),
        key -> {
          String hash =
              Stream.iterate(0, salt -> salt + 1)
                  .map(salt -> ContentHash.sha256(key + " " + salt))
                  .filter(candidate -> Split.byContent(candidate) == split)
                  .findFirst()
                  .orElseThrow();
          return new TaskSpec("test", Integer.toString(index), category, split, hash, 20);
        });
  }

  /** An episode under a harness; its processors named here acted in step 0. */
  public static Trajectory episode(
      String id,
      TaskSpec task,
      String harness,
      boolean success,
      List<Step> steps,
      String... acted) {
    return episode(
        id,
        task,
        harness,
        success,
        steps,
        success ? ExitReason.FINISHED : ExitReason.STEP_BUDGET,
        List.of(),
        acted);
  }

  public static Trajectory episode(
      String id,
      TaskSpec task,
      String harness,
      boolean success,
      List<Step> steps,
      ExitReason exit,
      List<String> exploits,
      String... acted) {
    List<Trigger> triggers =
        Arrays.stream(acted)
            .map(type -> new Trigger(0, Hook.BEFORE_MODEL, type, "content"))
            .toList();
    double score = success ? 1 : 0;
    return new Trajectory(
        id,
        Phase.TRAIN,
        0,
        task,
        harness,
        "test",
        0,
        new Episode(List.of(), steps, triggers, exit, ""),
        new Verdict(success, score, score, new TreeMap<>(), exploits));
  }

  /** The same episode under another id, judged otherwise. */
  static Trajectory as(Trajectory one, String id, Verdict verdict) {
    return new Trajectory(
        id,
        one.phase(),
        one.round(),
        one.task(),
        one.harnessHash(),
        one.checkpoint(),
        one.seed(),
        one.episode(),
        verdict);
  }

  /** One in so many episodes in which a processor has acted shows signs of gaming. */
  static Trajectory flagged(Trajectory one, String processor, int oneIn) {
    Verdict fair = one.verdict();
    return hasActed(one, processor) && Math.floorMod(one.id().hashCode(), oneIn) == 0
        ? as(
            one,
            one.id(),
            new Verdict(
                fair.success(),
                fair.strict(),
                fair.lenient(),
                new TreeMap<>(),
                List.of("premature_done")))
        : one;
  }

  /** Whether a processor has acted in an episode. */
  static boolean hasActed(Trajectory one, String processor) {
    return one.episode().triggers().stream()
        .anyMatch(trigger -> trigger.processor().equals(processor));
  }
}
