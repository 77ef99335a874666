package dev.tandem.trainer.model.sampling;

import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.shape.DecoderInputException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A running batch that requests join and leave, with one version of a decoder's weights.
 *
 * <p>Requests are dealt to lanes by their keys; lanes run side by side, each in steps of its own
 * clock. Which sequences share a batch therefore depends on the requests and on the order of calls,
 * never on timing. Prompts take over keys and values of prefixes that the session has seen: a
 * prompt shared by all, or the earlier turns of the same conversation, if its requests have one
 * key.
 *
 * <p>For one thread at a time.
 */
public final class SamplingSession implements AutoCloseable {

  /** Neighbours in a lane: a product with fewer rows is less efficient. */
  private static final int ROWS_OF_A_LANE = 8;

  /** With fewer, operators cost more than arithmetic: there are two lanes until each has these. */
  private static final int ROWS_OF_A_FULL_LANE = 32;

  private final DecoderRuntime runtime;
  private final SamplingProgram program;
  private final List<SamplingLane> lanes;
  private final long weightsVersion;
  private boolean open = true;

  public SamplingSession(DecoderRuntime runtime, SamplingLimits limits, int sequences) {
    if (sequences < 1) {
      throw new IllegalArgumentException("sequences must be at least 1, was " + sequences);
    }
    this.runtime = runtime;
    weightsVersion = runtime.weightsVersion();
    program = new SamplingProgram(runtime);
    int slots = Math.min(sequences, limits.slots());
    int count = Math.min(limits.lanes(), lanes(slots));
    lanes =
        IntStream.range(0, count)
            .mapToObj(
                _ ->
                    new SamplingLane(
                        program, limits, Math.ceilDiv(slots, count), limits.cacheBytes() / count))
            .toList();
  }

  /** How many lanes so many slots are worth. */
  static int lanes(int slots) {
    return slots <= ROWS_OF_A_LANE
        ? 1
        : Math.max(2, Integer.highestOneBit(slots / ROWS_OF_A_FULL_LANE));
  }

  /** Samples one response per request, in the order of the requests. */
  public static List<Sample> sample(
      DecoderRuntime runtime, SamplingLimits limits, List<SampleRequest> requests) {
    RequestChecks.requests(runtime.spec(), requests);
    if (requests.isEmpty()) {
      return List.of();
    }
    Sample[] samples = new Sample[requests.size()];
    try (SamplingSession session = new SamplingSession(runtime, limits, requests.size())) {
      for (int i = 0; i < samples.length; i++) {
        session.submit(i, requests.get(i));
      }
      session.drain().forEach(one -> samples[(int) one.key()] = one.sample());
    }
    return List.of(samples);
  }

  /**
   * A response.
   *
   * @param key the request's
   */
  public record Finished(long key, Sample sample) {}

  /**
   * Hands in a request; it joins the batch with the next {@link #advance}.
   *
   * @param key tells responses apart; requests of one conversation keep theirs
   * @throws DecoderInputException when the request does not fit the model
   */
  public void submit(long key, SampleRequest request) {
    requireCurrent();
    RequestChecks.requests(runtime.spec(), List.of(request));
    int lane = Math.floorMod(Math.floorDiv(key, ROWS_OF_A_LANE), lanes.size());
    lanes.get(lane).submit(new SamplingRow(key, request));
  }

  /**
   * Runs the batch until some have ended. Call it when no request that could join is missing any
   * more: those submitted before this call join, later ones wait for the next.
   *
   * @return the responses that have ended, at least one unless nothing is left, in order of their
   *     keys
   */
  public List<Finished> advance() {
    return run(lane -> lane.run(true));
  }

  /** Runs every request to its end. */
  public List<Finished> drain() {
    return run(SamplingLane::drain);
  }

  private List<Finished> run(Function<SamplingLane, List<Finished>> work) {
    requireCurrent();
    List<Finished> finished = new ArrayList<>();
    runtime
        .workers()
        .forEachInOrder(
            lanes.stream().filter(lane -> !lane.idle()).toList(), work, finished::addAll);
    finished.sort(Comparator.comparingLong(Finished::key));
    return finished;
  }

  /** What the session has done so far. */
  public SamplingCounts counts() {
    return lanes.stream()
        .map(SamplingLane::counts)
        .reduce(SamplingCounts.ZERO, SamplingCounts::plus);
  }

  private void requireCurrent() {
    if (!open) {
      throw new IllegalStateException("the sampling session is closed; open another");
    }
    if (runtime.weightsVersion() != weightsVersion) {
      throw new IllegalStateException(
          "the weights have changed since the sampling session was opened; open another");
    }
  }

  /** Frees the native memory; what has not ended is dropped. */
  @Override
  public void close() {
    if (open) {
      open = false;
      lanes.forEach(SamplingLane::close);
      program.close();
    }
  }
}
