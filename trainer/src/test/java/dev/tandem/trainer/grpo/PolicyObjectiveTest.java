package dev.tandem.trainer.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.kernels.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyObjectiveTest {
  private static final Kernels KERNELS = Kernels.best();

  /** Every loss with every aggregation and every KL estimator. */
  static Stream<PolicyObjective> objectives() {
    List<PolicyObjective> objectives = new ArrayList<>();
    for (PolicyLoss loss :
        List.of(
            PolicyLoss.Clipped.DEFAULTS,
            new PolicyLoss.Clipped(0.2, 0.2, Double.POSITIVE_INFINITY),
            new PolicyLoss.Gspo(0.2, 0.3),
            new PolicyLoss.Cispo(0.1, 0.1))) {
      for (Aggregation aggregation : Aggregation.values()) {
        objectives.add(new PolicyObjective(loss, aggregation, ReferencePull.OFF));
        for (ReferencePull.Estimator estimator :
            List.of(
                ReferencePull.Estimator.K1,
                ReferencePull.Estimator.K2,
                ReferencePull.Estimator.K3)) {
          objectives.add(new PolicyObjective(loss, aggregation, new ReferencePull(estimator, 0.3)));
        }
      }
    }
    return objectives.stream();
  }

  @Test
  void agreesWithACaseWorkedOutByHand() {
    // Row 0, A = 1: ratios 2 (clipped at 1.28) and 1. Row 1, A = -1: ratio 1/2 (clipped at 0.8);
    // one token masked.
    PolicyBatch batch =
        PolicyBatch.of(
                new int[] {0, 2, 4},
                new double[] {Math.log(0.5), Math.log(0.5), Math.log(0.25), Double.NaN},
                new double[] {Math.log(0.25), Math.log(0.5), Math.log(0.5), Double.NaN},
                new double[] {1, -1})
            .withMask(new boolean[] {true, true, true, false});
    PolicyLossResult tokenMean = evaluate(batch, Aggregation.TOKEN_MEAN);
    assertThat(tokenMean.loss()).isCloseTo((-1.28 - 1 + 0.8) / 3, within(1e-15));
    assertThat(tokenMean.gradient())
        .containsExactly(new double[] {0, -1 / 3.0, 0, 0}, within(1e-15));
    assertThat(tokenMean.metrics().meanRatio()).isCloseTo(3.5 / 3, within(1e-15));
    assertThat(tokenMean.metrics().clipFraction()).isCloseTo(2 / 3.0, within(1e-15));
    // k3 of KL(behaviour || policy) is r - 1 - ln r: 1 - ln 2, 0, -1/2 + ln 2
    assertThat(tokenMean.metrics().approximateKl()).isCloseTo(0.5 / 3, within(1e-15));
    assertThat(tokenMean.metrics().referenceKl()).isZero();
    assertThat(evaluate(batch, Aggregation.SEQUENCE_MEAN_TOKEN_SUM).loss())
        .isCloseTo((-2.28 + 0.8) / 2, within(1e-15));
    assertThat(evaluate(batch, Aggregation.SEQUENCE_MEAN_TOKEN_MEAN).loss())
        .isCloseTo((-1.14 + 0.8) / 2, within(1e-8));
  }

  @Test
  void anEntropyBonusLowersTheLossByTheMeanEntropyOfWhatIsTrained() {
    PolicyBatch batch =
        PolicyBatch.of(new int[] {0, 1, 4}, new double[4], new double[4], new double[] {1, 0})
            .withMask(new boolean[] {true, true, true, false});
    PolicyBatch spread = batch.withEntropies(new double[] {2, 0.5, 1.5, Double.NaN});
    GlobalCounts signal = GlobalCounts.ofSignal(batch);
    GlobalCounts all = GlobalCounts.of(batch);
    PolicyObjective byToken =
        new PolicyObjective(
            PolicyLoss.Clipped.DEFAULTS, Aggregation.TOKEN_MEAN, ReferencePull.OFF, 0.3);
    PolicyLossResult result = byToken.evaluate(spread, signal, all, KERNELS);
    // the policy loss is the first row's alone, -1; the bonus is over the three tokens
    assertThat(result.loss()).isCloseTo(-1 - 0.3 * 4 / 3, within(1e-15));
    assertThat(result.metrics().policyLoss()).isCloseTo(-1, within(1e-15));
    assertThat(result.gradient()).containsExactly(new double[] {-1, 0, 0, 0}, within(1e-15));
    assertThat(result.entropyGradient())
        .containsExactly(new double[] {-0.1, -0.1, -0.1, 0}, within(1e-15));
    PolicyLossResult byTurn =
        new PolicyObjective(
                PolicyLoss.Cispo.DEFAULTS,
                Aggregation.SEQUENCE_MEAN_TOKEN_MEAN,
                ReferencePull.OFF,
                0.3)
            .evaluate(spread, signal, all, KERNELS);
    assertThat(byTurn.entropyGradient())
        .containsExactly(new double[] {-0.15, -0.075, -0.075, 0}, within(1e-8));
    assertThat(byTurn.loss()).isCloseTo(-0.3 * (2 + 1) / 2, within(1e-8));
    assertThatThrownBy(() -> byToken.evaluate(batch, signal, all, KERNELS))
        .hasMessage("an entropy bonus of 0.3 needs the batch to carry entropies");
  }

  @Test
  void sequenceRatiosAreGeometricMeans() {
    // ratios 2 and 1/2 have the geometric mean 1, so that GSPO does not clip where the token loss
    // would
    PolicyBatch batch =
        PolicyBatch.of(
            new int[] {0, 2},
            new double[] {Math.log(0.5), Math.log(0.25)},
            new double[] {Math.log(0.25), Math.log(0.5)},
            new double[] {3});
    PolicyLossResult result =
        new PolicyObjective(PolicyLoss.Gspo.DEFAULTS, Aggregation.TOKEN_MEAN, ReferencePull.OFF)
            .evaluate(batch, GlobalCounts.of(batch), KERNELS);
    assertThat(result.loss()).isCloseTo(-3, within(1e-15));
    assertThat(result.gradient()).containsExactly(new double[] {-1.5, -1.5}, within(1e-15));
    assertThat(result.metrics().clipFraction()).isZero();
  }

  @Test
  void trajectoriesCountTheSameWhateverTheirLength() {
    // A trajectory of one turn of one token against one of two turns of two tokens, all on-policy:
    // the loss is -A by token, so that token-mean has (-1 + 4) / 5 and a mean by turn (-1 + 2) / 3.
    PolicyBatch batch =
        PolicyBatch.of(
            new int[] {0, 1, 3, 5}, new double[5], new double[5], new double[] {1, -1, -1});
    PolicyBatch trajectories =
        batch.withSequences(RowSequences.whole(new int[] {0, 1, 1}, new long[] {1, 2, 2}));
    assertThat(GlobalCounts.of(trajectories)).isEqualTo(new GlobalCounts(5, 2));
    assertThat(evaluate(batch, Aggregation.TOKEN_MEAN).loss()).isCloseTo(0.6, within(1e-15));
    assertThat(evaluate(batch, Aggregation.SEQUENCE_MEAN_TOKEN_MEAN).loss())
        .isCloseTo(1 / 3.0, within(1e-8));
    PolicyLossResult byTrajectory = evaluate(trajectories, Aggregation.SEQUENCE_MEAN_TOKEN_MEAN);
    assertThat(byTrajectory.loss()).isCloseTo(0, within(1e-8));
    assertThat(byTrajectory.gradient())
        .containsExactly(new double[] {-0.5, 0.125, 0.125, 0.125, 0.125}, within(1e-8));
    assertThat(evaluate(trajectories, Aggregation.SEQUENCE_MEAN_TOKEN_SUM).loss())
        .isCloseTo(1.5, within(1e-15));
  }

  @Test
  void gspoOverATrajectoryHasOneRatioForAllItsTurns() {
    // Turn ratios 2 and 1/2: each turn alone is clipped, the trajectory's ratio is 1.
    PolicyBatch turns =
        PolicyBatch.of(
            new int[] {0, 1, 2},
            new double[] {Math.log(0.5), Math.log(0.25)},
            new double[] {Math.log(0.25), Math.log(0.5)},
            new double[] {1, 1});
    PolicyObjective gspo =
        new PolicyObjective(PolicyLoss.Gspo.DEFAULTS, Aggregation.TOKEN_MEAN, ReferencePull.OFF);
    PolicyLossResult byTurn = gspo.evaluate(turns, GlobalCounts.of(turns), KERNELS);
    assertThat(byTurn.gradient()).containsExactly(new double[] {0, -0.25}, within(1e-15));
    PolicyBatch trajectory =
        turns.withSequences(RowSequences.whole(new int[] {7, 7}, new long[] {1, 1}));
    PolicyLossResult whole = gspo.evaluate(trajectory, GlobalCounts.of(trajectory), KERNELS);
    assertThat(whole.gradient()).containsExactly(new double[] {-0.5, -0.5}, within(1e-15));
    assertThat(whole.metrics().clipFraction()).isZero();
    assertThatThrownBy(
            () -> gspo.evaluate(trajectory.slice(0, 1), GlobalCounts.of(trajectory), KERNELS))
        .hasMessage(
            "GSPO's ratio needs whole sequences: the batch has 1 of the 2 tokens of row 0's");
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void rowsWithoutASignalDoNotWeakenThePullOfTheOthers(PolicyObjective objective) {
    PolicyBatch all = randomBatch(21);
    double[] advantages = all.advantages();
    for (int row = 0; row < advantages.length; row += 2) {
      advantages[row] = 0;
    }
    GlobalCounts signal = GlobalCounts.ofSignal(all);
    assertThat(signal.tokens()).isLessThan(GlobalCounts.of(all).tokens());
    PolicyObjective unpenalised =
        new PolicyObjective(objective.loss(), objective.aggregation(), ReferencePull.OFF);
    PolicyLossResult with = objective.evaluate(all, signal, GlobalCounts.of(all), KERNELS);
    double[] penalty =
        objective.evaluate(withoutAdvantages(all), GlobalCounts.of(all), KERNELS).gradient();
    for (int row = 1; row < all.rows(); row += 2) {
      PolicyLossResult alone = unpenalised.evaluate(all.slice(row, row + 1), signal, KERNELS);
      for (int i = 0; i < alone.gradient().length; i++) {
        int token = all.rowOffsets()[row] + i;
        assertThat(with.gradient()[token] - penalty[token])
            .isCloseTo(alone.gradient()[i], within(1e-12));
      }
    }
  }

  private static PolicyBatch withoutAdvantages(PolicyBatch batch) {
    return PolicyBatch.of(
            batch.rowOffsets(),
            batch.logProbs(),
            batch.behaviourLogProbs(),
            new double[batch.rows()])
        .withMask(batch.mask())
        .withReferenceLogProbs(batch.referenceLogProbs());
  }

  @Test
  void cispoKeepsThePullOfClippedTokens() {
    PolicyBatch batch =
        PolicyBatch.of(new int[] {0, 1}, new double[] {-1}, new double[] {-4}, new double[] {2});
    PolicyLossResult result =
        new PolicyObjective(PolicyLoss.Cispo.DEFAULTS, Aggregation.TOKEN_MEAN, ReferencePull.OFF)
            .evaluate(batch, GlobalCounts.of(batch), KERNELS);
    assertThat(result.loss()).isEqualTo(2.0 * 5);
    assertThat(result.gradient()).containsExactly(-2.0 * 5);
    assertThat(result.metrics().clipFraction()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void gradientIsTheDerivativeOfTheLoss(PolicyObjective objective) {
    for (long seed = 1; seed <= 3; seed++) {
      for (PolicyBatch random : List.of(randomBatch(seed), randomTrajectories(seed))) {
        PolicyBatch batch = differentiable(random, objective.loss());
        GlobalCounts counts = GlobalCounts.of(batch);
        double[] gradient = objective.evaluate(batch, counts, KERNELS).gradient();
        double step = 1e-6;
        for (int token = 0; token < batch.tokens(); token++) {
          double above = objective.evaluate(nudged(batch, token, step), counts, KERNELS).loss();
          double below = objective.evaluate(nudged(batch, token, -step), counts, KERNELS).loss();
          assertThat(gradient[token])
              .as("token %d of seed %d", token, seed)
              .isCloseTo((above - below) / (2 * step), within(1e-7));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void microbatchesOfTrajectoriesAddUpToTheBatch(PolicyObjective objective) {
    PolicyBatch batch = randomTrajectories(12);
    GlobalCounts counts = GlobalCounts.of(batch);
    PolicyLossResult whole = objective.evaluate(batch, counts, KERNELS);
    // the last cut goes through a trajectory, which all but GSPO allow
    int[] cuts =
        objective.loss() instanceof PolicyLoss.Gspo
            ? new int[] {0, 6, batch.rows()}
            : new int[] {0, 6, 8, batch.rows()};
    List<Double> gradient = new ArrayList<>();
    for (int part = 0; part + 1 < cuts.length; part++) {
      Arrays.stream(
              objective
                  .evaluate(batch.slice(cuts[part], cuts[part + 1]), counts, KERNELS)
                  .gradient())
          .forEach(gradient::add);
    }
    assertThat(gradient.stream().mapToDouble(Double::doubleValue).toArray())
        .containsExactly(whole.gradient(), within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void microbatchesAddUpToTheBatch(PolicyObjective objective) {
    PolicyBatch batch = randomBatch(11);
    GlobalCounts counts = GlobalCounts.of(batch);
    PolicyLossResult whole = objective.evaluate(batch, counts, KERNELS);
    double loss = 0;
    PolicyMetrics metrics = PolicyMetrics.NONE;
    GlobalCounts added = new GlobalCounts(0, 0);
    List<Double> gradient = new ArrayList<>();
    int[] cuts = {0, 1, 4, 4, batch.rows()};
    for (int part = 0; part + 1 < cuts.length; part++) {
      PolicyBatch microbatch = batch.slice(cuts[part], cuts[part + 1]);
      PolicyLossResult result = objective.evaluate(microbatch, counts, KERNELS);
      loss += result.loss();
      metrics = metrics.plus(result.metrics());
      added = added.plus(GlobalCounts.of(microbatch));
      Arrays.stream(result.gradient()).forEach(gradient::add);
    }
    assertThat(added).isEqualTo(counts);
    assertThat(loss).isCloseTo(whole.loss(), within(1e-12));
    assertThat(gradient.stream().mapToDouble(Double::doubleValue).toArray())
        .containsExactly(whole.gradient(), within(1e-12));
    PolicyMetrics expected = whole.metrics();
    assertThat(metrics.policyLoss()).isCloseTo(expected.policyLoss(), within(1e-12));
    assertThat(metrics.meanRatio()).isCloseTo(expected.meanRatio(), within(1e-12));
    assertThat(metrics.clipFraction()).isCloseTo(expected.clipFraction(), within(1e-12));
    assertThat(metrics.approximateKl()).isCloseTo(expected.approximateKl(), within(1e-12));
    assertThat(metrics.referenceKl()).isCloseTo(expected.referenceKl(), within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void maskedTokensContributeNothingWhateverTheyHold(PolicyObjective objective) {
    PolicyBatch batch = randomBatch(5);
    GlobalCounts counts = GlobalCounts.of(batch);
    PolicyLossResult expected = objective.evaluate(batch, counts, KERNELS);
    PolicyBatch poisoned = batch.slice(0, batch.rows());
    for (int token = 0; token < batch.tokens(); token++) {
      if (!batch.isTrained(token)) {
        poisoned.logProbs()[token] = Double.NaN;
        poisoned.behaviourLogProbs()[token] = Double.NEGATIVE_INFINITY;
      }
    }
    PolicyLossResult actual = objective.evaluate(poisoned, counts, KERNELS);
    assertThat(actual.loss()).isEqualTo(expected.loss());
    assertThat(actual.gradient()).isEqualTo(expected.gradient());
    assertThat(actual.metrics()).isEqualTo(expected.metrics());
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void aBatchWithNothingToTrainOnIsZero(PolicyObjective objective) {
    PolicyBatch batch = randomBatch(5);
    PolicyBatch masked = batch.withMask(new boolean[batch.tokens()]);
    PolicyLossResult result = objective.evaluate(masked, GlobalCounts.of(masked), KERNELS);
    assertThat(result.loss()).isZero();
    assertThat(result.gradient()).containsOnly(0);
    assertThat(result.metrics()).isEqualTo(PolicyMetrics.NONE);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void onPolicyEveryLossPullsAlike(long seed) {
    PolicyBatch sampled = randomBatch(seed).withImportanceWeights(null);
    PolicyBatch batch =
        PolicyBatch.of(
                sampled.rowOffsets(), sampled.logProbs(), sampled.logProbs(), sampled.advantages())
            .withMask(sampled.mask());
    GlobalCounts counts = GlobalCounts.of(batch);
    double[] clipped = gradient(PolicyLoss.Clipped.DEFAULTS, batch, counts);
    assertThat(gradient(PolicyLoss.Gspo.DEFAULTS, batch, counts))
        .containsExactly(clipped, within(1e-15));
    assertThat(gradient(PolicyLoss.Cispo.DEFAULTS, batch, counts))
        .containsExactly(clipped, within(1e-15));
  }

  @Test
  void saysWhatIsMissing() {
    PolicyBatch batch = randomBatch(1);
    GlobalCounts counts = GlobalCounts.of(batch);
    PolicyObjective withKl =
        new PolicyObjective(
            PolicyLoss.Clipped.DEFAULTS,
            Aggregation.TOKEN_MEAN,
            new ReferencePull(ReferencePull.Estimator.K3, 0.1));
    assertThatThrownBy(() -> withKl.evaluate(batch.withReferenceLogProbs(null), counts, KERNELS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("KL estimator K3 needs the batch to carry referenceLogProbs");
    assertThatThrownBy(() -> withKl.evaluate(batch, new GlobalCounts(3, 2), KERNELS))
        .hasMessageStartingWith("global counts must cover the batch: it has ")
        .hasMessageEndingWith("they say 3 in 2");
    assertThatThrownBy(() -> batch.withMask(new boolean[1]))
        .hasMessage("mask must have %d entries, had 1".formatted(batch.tokens()));
    assertThatThrownBy(
            () -> PolicyBatch.of(new int[] {0, 3}, new double[2], new double[2], new double[1]))
        .hasMessage("rowOffsets must start at 0 and end at the number of tokens, 2");
  }

  private static PolicyLossResult evaluate(PolicyBatch batch, Aggregation aggregation) {
    return new PolicyObjective(PolicyLoss.Clipped.DEFAULTS, aggregation, ReferencePull.OFF)
        .evaluate(batch, GlobalCounts.of(batch), KERNELS);
  }

  private static double[] gradient(PolicyLoss loss, PolicyBatch batch, GlobalCounts counts) {
    return new PolicyObjective(loss, Aggregation.TOKEN_MEAN, ReferencePull.OFF)
        .evaluate(batch, counts, KERNELS)
        .gradient();
  }

  /** Ten rows of 0 to 8 tokens, some masked, with a reference and importance weights. */
  private static PolicyBatch randomBatch(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int rows = 10;
    int[] offsets = new int[rows + 1];
    for (int row = 0; row < rows; row++) {
      offsets[row + 1] = offsets[row] + random.nextInt(9);
    }
    int tokens = offsets[rows];
    boolean[] mask = new boolean[tokens];
    for (int token = 0; token < tokens; token++) {
      mask[token] = random.nextInt(4) > 0;
    }
    return PolicyBatch.of(
            offsets,
            random.doubles(tokens, -3, 0).toArray(),
            random.doubles(tokens, -3, 0).toArray(),
            random.doubles(rows, -2, 2).toArray())
        .withMask(mask)
        .withReferenceLogProbs(random.doubles(tokens, -3, 0).toArray())
        .withImportanceWeights(random.doubles(tokens, 0, 2).toArray());
  }

  /** The same rows as three trajectories, each with one advantage. */
  private static PolicyBatch randomTrajectories(long seed) {
    PolicyBatch rows = randomBatch(seed);
    int[] trajectories = {0, 0, 0, 1, 0, 1, 2, 2, 2, 2};
    long[] tokens = new long[rows.rows()];
    for (int row = 0; row < tokens.length; row++) {
      tokens[row] = rows.trainedTokens(row);
      rows.advantages()[row] =
          rows.advantages()[trajectories[row] == 1 ? 3 : trajectories[row] * 3];
    }
    return rows.withSequences(RowSequences.whole(trajectories, tokens));
  }

  /**
   * CISPO holds its ratio constant, so its gradient is a derivative only where the clip holds the
   * ratio as well: its tokens are moved there. The other losses are differentiable wherever no
   * ratio lies on a bound.
   */
  private static PolicyBatch differentiable(PolicyBatch batch, PolicyLoss loss) {
    return switch (loss) {
      case PolicyLoss.Clipped _, PolicyLoss.Gspo _ -> batch;
      case PolicyLoss.Cispo _ -> {
        double[] behaviour = new double[batch.tokens()];
        for (int token = 0; token < behaviour.length; token++) {
          behaviour[token] = batch.logProbs()[token] + (token % 2 == 0 ? 0.5 : -0.5);
        }
        yield PolicyBatch.of(batch.rowOffsets(), batch.logProbs(), behaviour, batch.advantages())
            .withReferenceLogProbs(batch.referenceLogProbs())
            .withMask(batch.mask())
            .withSequences(batch.sequences())
            .withImportanceWeights(batch.importanceWeights());
      }
    };
  }

  private static PolicyBatch nudged(PolicyBatch batch, int token, double step) {
    PolicyBatch copy = batch.slice(0, batch.rows());
    copy.logProbs()[token] += step;
    return copy;
  }
}
