package dev.tandem.trainer.model.sampling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where the keys and values of joining prompts come from. A prompt takes its longest prefix that a
 * slot holds; prompts with a prefix in common that no slot holds yet wait for the first of them.
 *
 * <p>Depends on tokens and order alone.
 *
 * @param stages what is prefilled at once; a stage may read the slots of the one before
 */
record JoinPlan(List<List<Joiner>> stages) {

  /** Tokens that a stage of its own must save, or it costs more than it gains. */
  private static final int WORTH_A_STAGE = 256;

  /**
   * A prompt's share of the work.
   *
   * @param index of the prompt
   * @param source slot that holds its first {@code shared} tokens, if it shares any
   * @param shared tokens to copy
   * @param missing tokens to compute: all of the prompt's but those and the last, which is the
   *     first step's
   */
  record Joiner(int index, int source, int shared, int missing) {}

  private record Prefix(int source, int shared) {}

  /**
   * Plans where prompts go: to the slots from {@code first} on, in the order of the stages.
   *
   * @param held the tokens that each slot's cache holds
   * @param leastShared shortest prefix worth copying
   */
  static JoinPlan of(List<int[]> prompts, List<int[]> held, int first, int leastShared) {
    List<Prefix> cached =
        prompts.stream().map(prompt -> longest(prompt, held, leastShared)).toList();
    List<Integer> leaders = new ArrayList<>();
    List<Integer> followers = new ArrayList<>();
    int[] leaderOf = new int[prompts.size()];
    int[] sharedWithLeader = new int[prompts.size()];
    long saved = 0;
    for (int i = 0; i < prompts.size(); i++) {
      for (int leader : leaders) {
        int shared = shared(prompts.get(i), withoutLast(prompts.get(leader)));
        if (shared > sharedWithLeader[i]) {
          leaderOf[i] = leader;
          sharedWithLeader[i] = shared;
        }
      }
      long gain = (long) sharedWithLeader[i] - cached.get(i).shared();
      if (gain >= leastShared) {
        followers.add(i);
        saved += gain;
      } else {
        leaders.add(i);
      }
    }
    if (saved < WORTH_A_STAGE) {
      return new JoinPlan(List.of(stage(prompts, cached, range(prompts.size()))));
    }
    List<Joiner> leading = stage(prompts, cached, leaders);
    int[] slotOf = new int[prompts.size()];
    for (int i = 0; i < leading.size(); i++) {
      slotOf[leading.get(i).index()] = first + i;
    }
    List<Prefix> copied = new ArrayList<>(cached);
    for (int follower : followers) {
      copied.set(follower, new Prefix(slotOf[leaderOf[follower]], sharedWithLeader[follower]));
    }
    return new JoinPlan(List.of(leading, stage(prompts, copied, followers)));
  }

  private static List<Integer> range(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  /** The longest prefix held; the lowest slot among equals. */
  private static Prefix longest(int[] prompt, List<int[]> held, int leastShared) {
    Prefix best = new Prefix(0, 0);
    for (int slot = 0; slot < held.size(); slot++) {
      int shared = shared(prompt, held.get(slot));
      if (shared > best.shared() && shared >= leastShared) {
        best = new Prefix(slot, shared);
      }
    }
    return best;
  }

  /** How many tokens the two begin with in common; never the prompt's last. */
  private static int shared(int[] prompt, int[] held) {
    int most = Math.min(prompt.length - 1, held.length);
    int mismatch = Arrays.mismatch(prompt, 0, most, held, 0, most);
    return mismatch < 0 ? most : mismatch;
  }

  private static int[] withoutLast(int[] prompt) {
    return Arrays.copyOf(prompt, prompt.length - 1);
  }

  /** Those without a prefix first, then by length, so that neighbours pad each other little. */
  private static List<Joiner> stage(
      List<int[]> prompts, List<Prefix> prefixes, List<Integer> members) {
    List<Joiner> joiners = new ArrayList<>();
    for (int member : members) {
      Prefix prefix = prefixes.get(member);
      int missing = prompts.get(member).length - 1 - prefix.shared();
      joiners.add(new Joiner(member, prefix.source(), prefix.shared(), missing));
    }
    joiners.sort(
        Comparator.<Joiner, Boolean>comparing(joiner -> joiner.shared() > 0)
            .thenComparing(Comparator.comparingInt(Joiner::missing).reversed()));
    return joiners;
  }
}
