package dev.tandem.trainer.grpo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.kernels.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where a token's derivative depends on no other token, it does not matter who is looked at. */
final class BatchTokensTest {
  private static final int TOKENS = 13;

  static Stream<PolicyObjective> objectives() {
    List<PolicyObjective> all = new ArrayList<>();
    for (PolicyLoss loss : List.of(PolicyLoss.Clipped.DEFAULTS, new PolicyLoss.Cispo(0.1, 0.1))) {
      for (Aggregation aggregation : Aggregation.values()) {
        all.add(
            new PolicyObjective(
                loss, aggregation, new ReferencePull(ReferencePull.Estimator.K3, 0.3), 0.2));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void someTokensHaveTheDerivativesThatTheyHaveAmongAll(PolicyObjective objective) {
    assertThat(objective.loss().readsSequences()).isFalse();
    PolicyBatch rows = batch();
    PolicyBatch trajectories =
        rows.withSequences(RowSequences.whole(new int[] {3, 3, 8}, new long[] {4, 2, 4}));
    for (PolicyBatch batch : List.of(rows, trajectories)) {
      GlobalCounts all = GlobalCounts.of(batch);
      GlobalCounts signal = GlobalCounts.ofSignal(batch);
      PolicyLossResult expected = objective.evaluate(batch, signal, all, Kernels.scalar());
      BatchTokens tokens = new BatchTokens(batch);
      for (int[] some : new int[][] {{0, 1, 2}, {7, 3, 12}, {5}, {}}) {
        PolicyLossResult actual =
            objective.evaluate(
                tokens.some(some, at(batch.logProbs(), some), at(requireEntropies(batch), some)),
                signal,
                all,
                Kernels.scalar());
        assertThat(actual.gradient()).isEqualTo(at(expected.gradient(), some));
        assertThat(actual.entropyGradient()).isEqualTo(at(requireGradient(expected), some));
      }
    }
  }

  private static double[] requireEntropies(PolicyBatch batch) {
    return Objects.requireNonNull(batch.entropies());
  }

  private static double[] requireGradient(PolicyLossResult result) {
    return Objects.requireNonNull(result.entropyGradient());
  }

  private static double[] at(double[] values, int[] tokens) {
    return IntStream.of(tokens).mapToDouble(token -> values[token]).toArray();
  }

  /** Rows of 5, 3 and 5 tokens; the second has no advantage; one of each is not trained on. */
  private static PolicyBatch batch() {
    SplittableRandom random = new SplittableRandom(4);
    boolean[] mask = new boolean[TOKENS];
    Arrays.fill(mask, true);
    mask[1] = false;
    mask[6] = false;
    mask[12] = false;
    return PolicyBatch.of(
            new int[] {0, 5, 8, TOKENS},
            random.doubles(TOKENS, -2, 0).toArray(),
            random.doubles(TOKENS, -2, 0).toArray(),
            new double[] {1.3, 0, -0.6})
        .withMask(mask)
        .withImportanceWeights(random.doubles(TOKENS, 0.5, 2).toArray())
        .withReferenceLogProbs(random.doubles(TOKENS, -2, 0).toArray())
        .withEntropies(random.doubles(TOKENS, 0, 3).toArray());
  }
}
