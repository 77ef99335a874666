package dev.tandem.aegis.screen;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The judged episodes of recent rounds, by task and arm, and how often arms failed for reasons
 * outside the agent. A value that Jackson writes and reads exactly; its size is bounded by
 * forgetting old rounds, and it does not depend on the order in which episodes came.
 *
 * @param arms the assignments that the blocks and failures name by index
 * @param blocks in order of round and task
 * @param failures in order of round and arm
 */
public record Evidence(List<Assignment> arms, List<Block> blocks, List<Failures> failures) {
  public static final Evidence NONE = new Evidence(List.of(), List.of(), List.of());

  private static final int THOUSAND = 1000;

  private static final Comparator<Block> BY_ROUND_AND_TASK =
      Comparator.comparingInt(Block::round).thenComparing(Block::task);

  private static final Comparator<Failures> BY_ROUND_AND_ARM =
      Comparator.comparingInt(Failures::round).thenComparingInt(Failures::arm);

  public Evidence {
    arms = List.copyOf(arms);
    blocks = List.copyOf(blocks);
    failures = List.copyOf(failures);
  }

  /** A task's episodes in a round. */
  public record Block(int round, String task, String cluster, List<Outcome> outcomes) {
    public Block {
      outcomes = List.copyOf(outcomes);
    }

    int attempts() {
      return outcomes.stream().mapToInt(Outcome::attempts).sum();
    }

    int successes() {
      return outcomes.stream().mapToInt(Outcome::successes).sum();
    }
  }

  /**
   * How an arm did at a task.
   *
   * @param arm index into {@link Evidence#arms}
   * @param lenient what a laxer verifier gave in all, in thousandths of an episode
   * @param exploits episodes with signs of gaming the verifier
   */
  public record Outcome(int arm, int successes, int attempts, int lenient, int exploits) {}

  /**
   * Infrastructure failures of an arm in a round.
   *
   * @param arm index into {@link Evidence#arms}
   */
  public record Failures(int round, int arm, int count) {}

  /** With more episodes; what is here already stays. */
  public Evidence with(Collection<Observation> observations) {
    Map<Assignment, Integer> index = index();
    Map<List<Object>, Map<Integer, Outcome>> tallies = new HashMap<>();
    for (Observation one : observations) {
      int arm = index.computeIfAbsent(one.arm(), ignored -> index.size());
      tallies
          .computeIfAbsent(List.of(one.round(), one.task(), one.cluster()), key -> new TreeMap<>())
          .merge(arm, outcome(arm, one), Evidence::sum);
    }
    List<Block> all = new ArrayList<>(blocks);
    tallies.forEach(
        (key, outcomes) ->
            all.add(
                new Block(
                    (Integer) key.get(0),
                    (String) key.get(1),
                    (String) key.get(2),
                    List.copyOf(outcomes.values()))));
    return new Evidence(byIndex(index), all, failures).canonical();
  }

  /** In whole numbers, so that sums do not depend on their order. */
  private static Outcome outcome(int arm, Observation one) {
    return new Outcome(
        arm,
        one.success() ? 1 : 0,
        1,
        (int) Math.round(THOUSAND * one.lenient()),
        one.exploited() ? 1 : 0);
  }

  private static Outcome sum(Outcome a, Outcome b) {
    return new Outcome(
        a.arm,
        a.successes + b.successes,
        a.attempts + b.attempts,
        a.lenient + b.lenient,
        a.exploits + b.exploits);
  }

  /** With infrastructure failures, which are no evidence of skill but count against their arm. */
  public Evidence withFailures(int round, Map<Assignment, Integer> counts) {
    Map<Assignment, Integer> index = index();
    List<Failures> all = new ArrayList<>(failures);
    counts.forEach(
        (arm, count) ->
            all.add(
                new Failures(round, index.computeIfAbsent(arm, ignored -> index.size()), count)));
    return new Evidence(byIndex(index), blocks, all).canonical();
  }

  /** The rounds from this one on. */
  public Evidence since(int round) {
    return new Evidence(
            arms,
            blocks.stream().filter(block -> block.round >= round).toList(),
            failures.stream().filter(one -> one.round >= round).toList())
        .canonical();
  }

  /** The episodes at tasks of some kinds; failures, whose kind is not kept, only with all. */
  public Evidence within(ClusterSet clusters) {
    return clusters.equals(ClusterSet.ALL)
        ? this
        : new Evidence(
                arms,
                blocks.stream().filter(block -> clusters.contains(block.cluster)).toList(),
                List.of())
            .canonical();
  }

  /** Episodes with signs of gaming the verifier. */
  public int exploits() {
    return blocks.stream()
        .flatMap(block -> block.outcomes.stream())
        .mapToInt(Outcome::exploits)
        .sum();
  }

  /** Whether a laxer verifier says anything that the verifier does not. */
  public boolean verdictsDiffer() {
    return blocks.stream()
        .flatMap(block -> block.outcomes.stream())
        .anyMatch(one -> one.lenient != THOUSAND * one.successes);
  }

  /** Judged episodes in all. */
  public int episodes() {
    return blocks.stream().mapToInt(Block::attempts).sum();
  }

  /** Judged episodes of the arms that have a level, the reference included. */
  public int episodes(Lever lever, Factor factor) {
    int judged = 0;
    for (Block block : blocks) {
      for (Outcome outcome : block.outcomes) {
        judged += arms.get(outcome.arm).level(factor).equals(lever.level()) ? outcome.attempts : 0;
      }
    }
    return judged;
  }

  /** How a lever fares with the infrastructure when it is on and when it is off. */
  public FailureTally failures(Lever lever) {
    int[] failed = new int[2];
    int[] judged = new int[2];
    for (Failures one : failures) {
      failed[arms.get(one.arm).has(lever) ? 1 : 0] += one.count;
    }
    for (Block block : blocks) {
      for (Outcome outcome : block.outcomes) {
        judged[arms.get(outcome.arm).has(lever) ? 1 : 0] += outcome.attempts;
      }
    }
    return new FailureTally(failed[1], judged[1], failed[0], judged[0]);
  }

  private Map<Assignment, Integer> index() {
    Map<Assignment, Integer> index = new HashMap<>();
    for (int i = 0; i < arms.size(); i++) {
      index.put(arms.get(i), i);
    }
    return index;
  }

  private static List<Assignment> byIndex(Map<Assignment, Integer> index) {
    Assignment[] sorted = new Assignment[index.size()];
    index.forEach((arm, at) -> sorted[at] = arm);
    return List.of(sorted);
  }

  /** Only the arms that are named, sorted; blocks, outcomes and failures sorted. */
  private Evidence canonical() {
    BitSet used = new BitSet();
    blocks.forEach(block -> block.outcomes.forEach(outcome -> used.set(outcome.arm)));
    failures.forEach(one -> used.set(one.arm));
    List<Integer> order = used.stream().boxed().sorted(Comparator.comparing(arms::get)).toList();
    int[] renamed = new int[arms.size()];
    for (int i = 0; i < order.size(); i++) {
      renamed[order.get(i)] = i;
    }
    return new Evidence(
        order.stream().map(arms::get).toList(),
        blocks.stream().map(block -> renamed(block, renamed)).sorted(BY_ROUND_AND_TASK).toList(),
        failures.stream()
            .map(one -> new Failures(one.round, renamed[one.arm], one.count))
            .sorted(BY_ROUND_AND_ARM)
            .toList());
  }

  private static Block renamed(Block block, int[] names) {
    return new Block(
        block.round,
        block.task,
        block.cluster,
        block.outcomes.stream()
            .map(
                one ->
                    new Outcome(
                        names[one.arm], one.successes, one.attempts, one.lenient, one.exploits))
            .sorted(Comparator.comparingInt(Outcome::arm))
            .toList());
  }
}
