package dev.tandem.trainer.model.sampling;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A sequence of a running batch. */
final class SamplingRow {

  private final long key;
  private final SampleRequest request;
  private final double[] uniforms;
  private final int[] tokens;
  private final float[] logProbs;
  private int sampled;
  private Sample.@Nullable End end;

  SamplingRow(long key, SampleRequest request) {
    this.key = key;
    this.request = request;
    tokens = Arrays.copyOf(request.prompt(), request.positions());
    logProbs = new float[request.maxNewTokens()];
    uniforms = new SplittableRandom(request.seed()).doubles(logProbs.length).toArray();
  }

  long key() {
    return key;
  }

  SampleRequest request() {
    return request;
  }

  int sampled() {
    return sampled;
  }

  /** Most tokens that may still come. */
  int remaining() {
    return request.maxNewTokens() - sampled;
  }

  /**
   * Position of the pending token, the last one so far; also how many tokens the cache holds, which
   * are all but that one.
   */
  int position() {
    return request.prompt().length + sampled - 1;
  }

  int pendingToken() {
    return tokens[position()];
  }

  /** What the cache holds of this sequence. */
  int[] cached() {
    return Arrays.copyOf(tokens, position());
  }

  /** Copies the random numbers of the next tokens. */
  void uniforms(double[] into, int from, int count) {
    System.arraycopy(uniforms, sampled, into, from, Math.min(count, remaining()));
  }

  int[] response() {
    int prompt = request.prompt().length;
    return Arrays.copyOfRange(tokens, prompt, prompt + sampled);
  }

  /**
   * Takes what a call sampled for this row: up to {@code count} tokens, those behind the end are
   * negative.
   */
  void append(long[] newTokens, float[] newLogProbs, int from, int count) {
    int before = sampled;
    for (int i = from; i < from + count && newTokens[i] >= 0; i++) {
      logProbs[sampled] = newLogProbs[i];
      sampled++;
      tokens[position()] = (int) newTokens[i];
    }
    end = findEnd(before);
  }

  private Sample.@Nullable End findEnd(int before) {
    int[] response = response();
    if (request.constrained()) {
      boolean whole = request.choices().stream().anyMatch(one -> Arrays.equals(one, response));
      return whole ? Sample.End.CHOICE : null;
    }
    int cut = request.stop().cut(response, before, sampled);
    if (cut >= 0) {
      sampled = cut;
      return Sample.End.STOP_STRING;
    }
    int last = response[sampled - 1];
    if (IntStream.of(request.stop().ids()).anyMatch(id -> id == last)) {
      return Sample.End.STOP_ID;
    }
    return remaining() == 0 ? Sample.End.LENGTH : null;
  }

  boolean ended() {
    return end != null;
  }

  /** The whole response, once it has ended. */
  Sample sample(int[][] allowed) {
    if (end == null) {
      throw new IllegalStateException("the response has not ended");
    }
    return new Sample(response(), Arrays.copyOf(logProbs, sampled), allowed, end);
  }
}
