package dev.tandem.trainer.run;

import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.recipe.Lag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A task's group in the replay buffer when a round was learnt from: a line of groups.jsonl.
 * Episodes that failed for reasons outside the agent are in no group.
 *
 * @param task its key, such as {@code house/look-7}
 * @param category cluster of the task
 * @param episodes members of the group
 * @param fresh those of them that this round played
 * @param harnesses how many harness versions they ran under
 * @param reward their mean
 * @param deviation the rewards' sample standard deviation; 0 for one member
 * @param zeroVariance whether the rewards are all the same, before any effect of a harness is
 *     removed
 * @param success share of episodes, in [0, 1]
 * @param staleness mean number of rounds of learning since the weights that played the members
 * @param turns of all members together
 * @param tokens response tokens of all members together
 */
public record GroupMetrics(
    int round,
    String task,
    String category,
    int episodes,
    int fresh,
    int harnesses,
    double reward,
    double deviation,
    boolean zeroVariance,
    double success,
    double staleness,
    int turns,
    int tokens) {

  /** The groups of a buffer, in the order of their first members. */
  static List<GroupMetrics> of(int round, Lag lag, List<Trajectory> judged) {
    Map<String, List<Trajectory>> byTask = new LinkedHashMap<>();
    judged.forEach(
        one -> byTask.computeIfAbsent(one.task().key(), _ -> new ArrayList<>()).add(one));
    return byTask.values().stream().map(group -> ofGroup(round, lag, group)).toList();
  }

  private static GroupMetrics ofGroup(int round, Lag lag, List<Trajectory> group) {
    double[] rewards = group.stream().mapToDouble(Trajectory::reward).toArray();
    double mean = group.stream().mapToDouble(Trajectory::reward).average().orElse(0);
    double squares = 0;
    boolean same = true;
    for (double reward : rewards) {
      squares += (reward - mean) * (reward - mean);
      same &= reward == rewards[0];
    }
    Trajectory any = group.getFirst();
    return new GroupMetrics(
        round,
        any.task().key(),
        any.task().category(),
        group.size(),
        (int) group.stream().filter(one -> one.round() == round).count(),
        (int) group.stream().map(Trajectory::harnessHash).distinct().count(),
        mean,
        same ? 0 : Math.sqrt(squares / (rewards.length - 1)),
        same,
        group.stream().mapToInt(one -> one.verdict().success() ? 1 : 0).average().orElse(0),
        group.stream().mapToInt(one -> lag.staleness(round, one.round())).average().orElse(0),
        group.stream().mapToInt(one -> one.episode().turns().size()).sum(),
        group.stream().mapToInt(Trajectory::responseTokens).sum());
  }
}
