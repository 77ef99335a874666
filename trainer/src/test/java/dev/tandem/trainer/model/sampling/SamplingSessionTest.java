package dev.tandem.trainer.model.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.TestModels;
import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.model.torch.Execution;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SamplingSessionTest {

  private static final long PLENTY = 1L << 30;

  /** Everyone joins as soon as one has ended, and takes over the shortest prefix. */
  private static final SamplingLimits EAGER = new SamplingLimits(2, 64, PLENTY, 1e-9, 1);

  private static final SamplingLimits NOTHING_REUSED =
      new SamplingLimits(2, 64, PLENTY, 1e-9, SamplingLimits.NOTHING_SHARED);

  private Decoder decoder;

  @BeforeAll
  void makeDecoder() {
    decoder = TestModels.decoder();
  }

  @AfterAll
  void closeDecoder() {
    decoder.close();
  }

  private static List<SampleRequest> mixed() {
    return Stream.of(
            TestModels.unconstrained(21, 30, 1.0),
            TestModels.constrained(22, 20),
            TestModels.unconstrained(23, 10, 0.7))
        .flatMap(List::stream)
        .toList();
  }

  /**
   * Hands in a few requests whenever some have ended; returns the samples in the requests' order.
   */
  private List<Sample> serve(
      List<SampleRequest> requests, List<Integer> arrival, SamplingLimits limits, int atOnce) {
    Map<Long, Sample> samples = new TreeMap<>();
    try (SamplingSession session = decoder.samplingSession(atOnce, limits)) {
      int next = 0;
      int inside = 0;
      while (next < arrival.size() || inside > 0) {
        while (next < arrival.size() && inside < atOnce) {
          int request = arrival.get(next++);
          session.submit(request, requests.get(request));
          inside++;
        }
        for (SamplingSession.Finished one : session.advance()) {
          assertThat(samples.put(one.key(), one.sample())).isNull();
          inside--;
        }
      }
    }
    assertThat(samples).hasSameSizeAs(requests);
    return List.copyOf(samples.values());
  }

  private static List<Integer> inOrder(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private static List<Integer> shuffled(int count, long seed) {
    List<Integer> order = new ArrayList<>(inOrder(count));
    Collections.shuffle(order, new Random(seed));
    return order;
  }

  @Test
  void aResponseDependsOnNeitherSlotsNorArrivalNorNeighbours() {
    List<SampleRequest> requests = mixed();
    List<Sample> expected = decoder.sample(requests);
    List<SamplingLimits> settings =
        List.of(
            EAGER,
            new SamplingLimits(1, 3, PLENTY, 0.5, 4),
            new SamplingLimits(4, 64, PLENTY, 1, 4),
            new SamplingLimits(1, 64, /* cacheBytes= */ 1, 1, 4));
    for (SamplingLimits limits : settings) {
      for (int atOnce : new int[] {1, 5, 17, 60}) {
        List<Sample> samples = serve(requests, shuffled(requests.size(), atOnce), limits, atOnce);
        for (int i = 0; i < requests.size(); i++) {
          assertThat(samples.get(i).tokens())
              .as("request %d of %d at once with %s", i, atOnce, limits)
              .isEqualTo(expected.get(i).tokens());
        }
      }
    }
  }

  /** The cache grows from one slot of 64 positions to two of 128, or takes one after another. */
  @Test
  void aResponseDoesNotDependOnTheMemoryForKeysAndValues() {
    List<SampleRequest> requests = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(5);
    for (int prompt : new int[] {5, 40, 70, 20, 110, 3, 90}) {
      requests.add(
          new SampleRequest(
              TestModels.ids(random, prompt), 16, 1, random.nextLong(), new int[0], List.of()));
    }
    List<Sample> expected =
        requests.stream().map(one -> decoder.sample(List.of(one)).getFirst()).toList();
    for (long bytes : new long[] {1, 80_000, 200_000, 600_000, PLENTY}) {
      SamplingLimits limits = new SamplingLimits(1, 64, bytes, 1e-9, 1);
      List<Sample> samples = serve(requests, inOrder(requests.size()), limits, 3);
      for (int i = 0; i < requests.size(); i++) {
        assertThat(samples.get(i).tokens())
            .as("request %d in %d bytes", i, bytes)
            .isEqualTo(expected.get(i).tokens());
      }
    }
  }

  @Test
  void reportsTheLogProbsOfAFullForwardHoweverItsBatchChanged() {
    List<SampleRequest> requests = mixed();
    List<Sample> samples = serve(requests, inOrder(requests.size()), EAGER, 9);
    for (int i = 0; i < requests.size(); i++) {
      Sample sample = samples.get(i);
      float[] scored =
          decoder.scoreRecords(List.of(sample.asTrainRecord(requests.get(i).prompt())));
      assertThat(sample.logProbs()).containsExactly(scored, within(1e-4f));
    }
  }

  @Test
  void equalSessionsGiveEqualBits() {
    List<SampleRequest> requests = mixed();
    List<Sample> once = serve(requests, inOrder(requests.size()), EAGER, 13);
    List<Sample> again = serve(requests, inOrder(requests.size()), EAGER, 13);
    for (int i = 0; i < once.size(); i++) {
      assertThat(again.get(i).logProbs()).isEqualTo(once.get(i).logProbs());
    }
  }

  /** By the slots alone: what a machine has would change the bits. */
  @Test
  void thereAreMoreThanTwoLanesOnlyWhenEachIsFull() {
    assertThat(IntStream.of(1, 8, 9, 16, 64, 127, 128, 255, 512).map(SamplingSession::lanes))
        .containsExactly(1, 1, 2, 2, 2, 2, 4, 4, 16);
  }

  private static SamplingLimits looking(int tokensBetweenLooks) {
    return new SamplingLimits(2, 64, PLENTY, 1e-9, 1, tokensBetweenLooks);
  }

  @Test
  void howOftenEndsAreLookedForChangesNoResponse() {
    List<SampleRequest> requests = mixed();
    List<Sample> expected = decoder.sample(requests);
    for (int every : new int[] {2, 5, 100}) {
      List<Sample> samples = serve(requests, inOrder(requests.size()), looking(every), 17);
      for (int i = 0; i < requests.size(); i++) {
        assertThat(samples.get(i).tokens())
            .as("request %d, a look every %d tokens", i, every)
            .isEqualTo(expected.get(i).tokens());
        assertThat(samples.get(i).logProbs())
            .containsExactly(expected.get(i).logProbs(), within(1e-5f));
      }
    }
  }

  @Test
  void whoHasEndedIsFoundAtTheNextLook() {
    for (int every : new int[] {1, 3, 8}) {
      try (SamplingSession session = decoder.samplingSession(2, looking(every))) {
        session.submit(0, new SampleRequest(new int[] {5}, 100, 1, 1, new int[0], List.of()));
        session.submit(1, new SampleRequest(new int[] {6}, 2, 1, 2, new int[0], List.of()));
        assertThat(session.advance()).extracting(SamplingSession.Finished::key).containsExactly(1L);
        int seen = Math.ceilDiv(2, every) * every;
        assertThat(session.counts().sampledTokens())
            .as("looking every %d", every)
            .isEqualTo(2 + seen);
      }
    }
  }

  @Test
  void theNumberOfWorkersChangesNoBit() {
    List<SampleRequest> requests = TestModels.unconstrained(24, 70, 1.0);
    List<Sample> expected = decoder.sample(requests);
    for (int workers : new int[] {1, 3}) {
      try (Decoder other = Decoder.initialise(TestModels.spec(), 11, Execution.cpu(workers))) {
        List<Sample> samples = other.sample(requests);
        for (int i = 0; i < requests.size(); i++) {
          assertThat(samples.get(i).tokens()).isEqualTo(expected.get(i).tokens());
          assertThat(samples.get(i).logProbs()).isEqualTo(expected.get(i).logProbs());
        }
      }
    }
  }

  @Test
  void aShortResponseDoesNotWaitForALongOne() {
    try (SamplingSession session = decoder.samplingSession(2, EAGER)) {
      session.submit(0, new SampleRequest(new int[] {5}, 100, 1, 1, new int[0], List.of()));
      for (int key = 1; key < 5; key++) {
        session.submit(key, new SampleRequest(new int[] {6}, 2, 1, key, new int[0], List.of()));
        assertThat(session.advance())
            .extracting(SamplingSession.Finished::key)
            .containsExactly((long) key);
      }
      assertThat(session.advance()).extracting(SamplingSession.Finished::key).containsExactly(0L);
      assertThat(session.advance()).isEmpty();
    }
  }

  /** Three conversations under one system prompt, two turns each; returns every turn's sample. */
  private List<Sample> converse(SamplingSession session) {
    int[] system = TestModels.ids(new SplittableRandom(31), 24);
    List<int[]> history = new ArrayList<>();
    for (int key = 0; key < 3; key++) {
      history.add(join(system, TestModels.ids(new SplittableRandom(40 + key), 6)));
    }
    List<Sample> samples = new ArrayList<>();
    for (int turn = 0; turn < 2; turn++) {
      for (int key = 0; key < 3; key++) {
        session.submit(
            key, new SampleRequest(history.get(key), 8, 1, 10 * turn + key, new int[0], List.of()));
      }
      for (SamplingSession.Finished one : session.drain()) {
        int key = (int) one.key();
        samples.add(one.sample());
        int[] news = TestModels.ids(new SplittableRandom(50 + key), 5);
        history.set(key, join(join(history.get(key), one.sample().tokens()), news));
      }
    }
    return samples;
  }

  private static int[] join(int[] first, int[] second) {
    return IntStream.concat(IntStream.of(first), IntStream.of(second)).toArray();
  }

  @Test
  void takesOverPrefixesAndGivesTheSameResults() {
    List<Sample> reusing;
    List<Sample> computing;
    SamplingCounts reused;
    SamplingCounts computed;
    try (SamplingSession session = decoder.samplingSession(3, EAGER)) {
      reusing = converse(session);
      reused = session.counts();
    }
    try (SamplingSession session = decoder.samplingSession(3, NOTHING_REUSED)) {
      computing = converse(session);
      computed = session.counts();
    }
    for (int i = 0; i < reusing.size(); i++) {
      assertThat(reusing.get(i).tokens()).isEqualTo(computing.get(i).tokens());
      assertThat(reusing.get(i).logProbs())
          .containsExactly(computing.get(i).logProbs(), within(1e-5f));
    }
    assertThat(computed)
        .isEqualTo(new SamplingCounts(6, 3 * 30 + 3 * 43, /* reusedTokens= */ 0, 6 * 8));
    // In the second turn, the first one's prompt and all of its response but the last token.
    assertThat(reused)
        .isEqualTo(new SamplingCounts(6, 3 * 30 + 3 * 43, /* reusedTokens= */ 3 * 37, 6 * 8));
  }

  @Test
  void computesThePromptOfAGroupOnce() {
    int[] prompt = TestModels.ids(new SplittableRandom(61), 60);
    List<SampleRequest> group =
        IntStream.range(0, 8)
            .mapToObj(seed -> new SampleRequest(prompt, 5, 1, seed, new int[0], List.of()))
            .toList();
    try (SamplingSession session = decoder.samplingSession(8, EAGER)) {
      for (int i = 0; i < group.size(); i++) {
        session.submit(i, group.get(i));
      }
      List<SamplingSession.Finished> finished = session.drain();
      assertThat(session.counts().reusedTokens()).isEqualTo(7 * 59);
      for (SamplingSession.Finished one : finished) {
        Sample alone = decoder.sample(List.of(group.get((int) one.key()))).getFirst();
        assertThat(one.sample().tokens()).isEqualTo(alone.tokens());
        assertThat(one.sample().logProbs()).containsExactly(alone.logProbs(), within(1e-5f));
      }
    }
  }

  @Test
  void refusesToGoOnWithOtherWeights() {
    try (Decoder learning = TestModels.decoder();
        Optimiser optimiser = learning.newOptimiser(AdamWSettings.defaults());
        SamplingSession session = learning.samplingSession(1)) {
      SampleRequest request = new SampleRequest(new int[] {1, 2}, 2, 1, 1, new int[0], List.of());
      session.submit(0, request);
      learning.trainStep(TestModels.records(1, 3), optimiser, 1e-3, 1);
      assertThatThrownBy(session::advance)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "the weights have changed since the sampling session was opened; open another");
      assertThatThrownBy(() -> session.submit(1, request))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void refusesRequestsOnceItIsClosed() {
    SamplingSession session = decoder.samplingSession(1);
    session.close();
    assertThatThrownBy(session::advance)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the sampling session is closed; open another");
  }

  @Test
  void aRequestThatDoesNotFitDisturbsNobody() {
    try (SamplingSession session = decoder.samplingSession(2)) {
      session.submit(0, new SampleRequest(new int[] {1}, 3, 1, 1, new int[0], List.of()));
      assertThatThrownBy(
              () ->
                  session.submit(
                      1, new SampleRequest(new int[120], 9, 1, 1, new int[0], List.of())))
          .isInstanceOf(DecoderInputException.class)
          .hasMessageContaining("needs 129 positions, the model has 128");
      assertThat(session.advance()).hasSize(1);
    }
  }
}
