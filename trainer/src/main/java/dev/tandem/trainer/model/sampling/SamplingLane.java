package dev.tandem.trainer.model.sampling;

import dev.tandem.trainer.model.runtime.ChunkPlan;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One running batch with its cache. Time is counted in steps: sequences join when so many others
 * have ended, never by the clock, so what a batch holds is a function of the requests.
 */
final class SamplingLane implements AutoCloseable {

  /** Texts are looked at every so many tokens; what was sampled behind a stop string is dropped. */
  private static final int STEPS_BETWEEN_TEXTS = 8;

  /** A call's random numbers are laid out beforehand. */
  private static final int MOST_STEPS = 512;

  private final SamplingProgram program;
  private final SamplingLimits limits;
  private final SlotCache cache;
  private final Deque<SamplingRow> waiting = new ArrayDeque<>();
  private final List<SamplingRow> running = new ArrayList<>();
  private SamplingCounts counts = SamplingCounts.ZERO;

  SamplingLane(SamplingProgram program, SamplingLimits limits, int slots, long cacheBytes) {
    this.program = program;
    this.limits = limits;
    cache = new SlotCache(program, ChunkPlan.paddedRows(slots), cacheBytes);
  }

  void submit(SamplingRow row) {
    waiting.add(row);
  }

  boolean idle() {
    return waiting.isEmpty() && running.isEmpty();
  }

  SamplingCounts counts() {
    return counts;
  }

  /**
   * Lets waiting sequences join, then runs the batch until enough have ended.
   *
   * @param more whether others may join later; if not, the batch runs to its end
   */
  List<SamplingSession.Finished> run(boolean more) {
    List<SamplingSession.Finished> finished = new ArrayList<>();
    join();
    int leave =
        more || !waiting.isEmpty()
            ? Math.max(1, (int) Math.ceil(limits.leaveShare() * running.size()))
            : running.size();
    while (finished.size() < leave) {
      decode(leave - finished.size(), finished);
    }
    return finished;
  }

  /** Runs every waiting sequence to its end. */
  List<SamplingSession.Finished> drain() {
    List<SamplingSession.Finished> finished = new ArrayList<>();
    while (!idle()) {
      finished.addAll(run(false));
    }
    return finished;
  }

  private void join() {
    int longest = running.stream().mapToInt(row -> row.request().positions()).max().orElse(0);
    List<SamplingRow> joining = new ArrayList<>();
    while (!waiting.isEmpty()) {
      int positions = Math.max(longest, waiting.getFirst().request().positions());
      int sequences = running.size() + joining.size();
      if (sequences > 0 && sequences >= cache.room(positions)) {
        break; // nobody overtakes it, or a long request might wait for ever
      }
      longest = positions;
      joining.add(waiting.removeFirst());
    }
    if (joining.isEmpty()) {
      return;
    }
    cache.reserve(longest, running.size());
    List<int[]> prompts = joining.stream().map(row -> row.request().prompt()).toList();
    JoinPlan plan = JoinPlan.of(prompts, cache.held(), running.size(), limits.leastShared());
    for (List<JoinPlan.Joiner> stage : plan.stages()) {
      prefill(stage, joining);
    }
  }

  private void prefill(List<JoinPlan.Joiner> stage, List<SamplingRow> joining) {
    int first = running.size();
    int fresh = (int) stage.stream().filter(joiner -> joiner.shared() == 0).count();
    if (fresh < stage.size()) {
      List<JoinPlan.Joiner> sharing = stage.subList(fresh, stage.size());
      program.copyPrefixes(
          sharing.stream().mapToLong(JoinPlan.Joiner::source).toArray(),
          first + fresh,
          sharing.stream().mapToInt(JoinPlan.Joiner::shared).max().orElseThrow(),
          cache.tensors());
    }
    prefillRows(stage.subList(0, fresh), joining, first);
    prefillRows(stage.subList(fresh, stage.size()), joining, first + fresh);
    for (JoinPlan.Joiner joiner : stage) {
      SamplingRow row = joining.get(joiner.index());
      cache.hold(running.size(), row.cached());
      running.add(row);
      counts =
          counts.plus(new SamplingCounts(0, row.request().prompt().length, joiner.shared(), 0));
    }
  }

  private void prefillRows(List<JoinPlan.Joiner> joiners, List<SamplingRow> joining, int first) {
    int start = 0;
    while (start < joiners.size() && joiners.get(start).missing() > 0) {
      int length = ChunkPlan.paddedLength(joiners.get(start).missing());
      int end = Math.min(joiners.size(), start + Math.max(1, program.chunkTokens() / length));
      List<JoinPlan.Joiner> rows = joiners.subList(start, end);
      long[] ids = new long[ChunkPlan.paddedTokens(rows.size() * length)];
      for (int i = 0; i < rows.size(); i++) {
        int[] prompt = joining.get(rows.get(i).index()).request().prompt();
        for (int j = 0; j < rows.get(i).missing(); j++) {
          ids[i * length + j] = prompt[rows.get(i).shared() + j];
        }
      }
      program.prefill(
          ids,
          rows.stream().mapToLong(JoinPlan.Joiner::shared).toArray(),
          first + start,
          length,
          cache);
      start = end;
    }
  }

  /** Runs one call; those that have ended leave their slots, and go to {@code finished}. */
  private void decode(int leave, List<SamplingSession.Finished> finished) {
    ChoiceTrie trie = new ChoiceTrie();
    int[] roots = new int[running.size()];
    for (int row = 0; row < roots.length; row++) {
      SampleRequest request = running.get(row).request();
      roots[row] = request.constrained() ? trie.add(request.choices()) : ChoiceTrie.FREE;
    }
    DecodeCall.Result result =
        program.decode(
            new DecodeCall(
                List.copyOf(running),
                padding(),
                trie,
                roots,
                leave,
                steps(),
                limits.tokensBetweenLooks(),
                program.vocabularySize()),
            cache);
    for (int row = 0; row < roots.length; row++) {
      SamplingRow one = running.get(row);
      int before = one.sampled();
      one.append(result.tokens(), result.logProbs(), row * result.steps(), result.steps());
      cache.hold(row, one.cached());
      int ended = 0;
      if (one.ended()) {
        ended = 1;
        int[][] allowed =
            one.request().constrained()
                ? trie.allowedAlong(roots[row], one.response())
                : new int[0][];
        finished.add(new SamplingSession.Finished(one.key(), one.sample(allowed)));
      }
      counts = counts.plus(new SamplingCounts(ended, 0, 0, one.sampled() - before));
    }
    settle(result.order());
  }

  private int steps() {
    int remaining = running.stream().mapToInt(SamplingRow::remaining).max().orElseThrow();
    boolean textual = running.stream().anyMatch(row -> !row.request().stop().strings().isEmpty());
    return Math.min(remaining, textual ? STEPS_BETWEEN_TEXTS : MOST_STEPS);
  }

  private int[] padding() {
    int size = Math.min(ChunkPlan.paddedRows(running.size()), cache.slots());
    int[] positions = new int[size - running.size()];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = cache.held().get(running.size() + i).length;
    }
    return positions;
  }

  /**
   * Follows the slots' new order. Those that go on are first, but for rows that only a stop string
   * ended, which the script did not know; they change places with living ones.
   */
  private void settle(long[] order) {
    boolean[] alive = new boolean[order.length];
    int left = 0;
    for (int slot = 0; slot < order.length; slot++) {
      alive[slot] = order[slot] < running.size() && !running.get((int) order[slot]).ended();
      left += alive[slot] ? 1 : 0;
    }
    int living = left;
    int[] holes = IntStream.range(0, living).filter(slot -> !alive[slot]).toArray();
    int[] movers = IntStream.range(living, order.length).filter(slot -> alive[slot]).toArray();
    if (holes.length > 0) {
      program.swap(order, holes, movers, cache);
      for (int i = 0; i < holes.length; i++) {
        long moved = order[movers[i]];
        order[movers[i]] = order[holes[i]];
        order[holes[i]] = moved;
      }
    }
    cache.reorder(order);
    List<SamplingRow> before = List.copyOf(running);
    running.clear();
    Arrays.stream(order, 0, living).forEach(row -> running.add(before.get((int) row)));
  }

  @Override
  public void close() {
    cache.close();
  }
}
