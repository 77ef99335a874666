package dev.tandem.aegis.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.aegis.gate.PairOutcome.Outcome;
import dev.tandem.aegis.screen.ClusterEffects;
import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.junit.jupiter.api.Test;

final class BundleTestTest {
  private static final int CLUSTERS = 10;

  /** Chance of success under the candidate, by cluster. */
  private interface Chance {
    double of(int cluster);
  }

  private static BundleTest test(double effect, double doubt, int pairs) {
    SortedMap<String, Double> shares = new TreeMap<>();
    double[] means = new double[CLUSTERS];
    double[][] covariance = new double[CLUSTERS][CLUSTERS];
    for (int c = 0; c < CLUSTERS; c++) {
      shares.put("c" + c, 1.0 / CLUSTERS);
      means[c] = effect;
      covariance[c][c] = doubt * doubt;
    }
    return new BundleTest(
        BundleTestSettings.DEFAULTS,
        ClusterEffects.of(shares, means, covariance),
        0.5 + effect,
        0.1,
        pairs);
  }

  private static BundleAnswer play(BundleTest test, long seed, double before, Chance after) {
    return play(test, seed, before, after, 0);
  }

  /** Plays the incumbent at 0.5 everywhere; the candidate breaks at times. */
  private static BundleAnswer play(
      BundleTest test, long seed, double before, Chance after, double breaks) {
    SplittableRandom random = RandomStreams.stream(seed, "pairs");
    BundleAnswer answer = test.next();
    while (answer instanceof BundleAnswer.Play(int tasks, SortedMap<String, Integer> extra)) {
      List<PairOutcome> asIs = new ArrayList<>();
      for (int i = 0; i < tasks; i++) {
        asIs.add(pair(random, i % CLUSTERS, before, after, breaks));
      }
      List<PairOutcome> chosen = new ArrayList<>();
      extra.forEach(
          (cluster, count) -> {
            for (int i = 0; i < count; i++) {
              chosen.add(
                  pair(random, Integer.parseInt(cluster.substring(1)), before, after, breaks));
            }
          });
      test.record(asIs, chosen);
      answer = test.next();
    }
    return answer;
  }

  private static PairOutcome pair(
      SplittableRandom random, int cluster, double before, Chance after, double breaks) {
    Outcome incumbent = Outcome.of(random.nextDouble() < before);
    Outcome candidate = Outcome.of(random.nextDouble() < after.of(cluster));
    return new PairOutcome(
        "t", "c" + cluster, incumbent, random.nextDouble() < breaks ? Outcome.BROKEN : candidate);
  }

  @Test
  void theBetIsFairWhereThereIsNoGain() {
    BinomialDistribution wins = new BinomialDistribution(null, 40, 0.5);
    double expected = 0;
    for (int won = 0; won <= 40; won++) {
      expected += wins.probability(won) * Math.exp(new MixtureBet(0.7).logCapital(won, 40 - won));
    }

    assertThat(expected).isCloseTo(1, within(1e-9));
    assertThat(new MixtureBet(0.7).logCapital(28, 12)).isGreaterThan(SignTest.logCapital(28, 12));
  }

  @Test
  void shipsAGainThatIsThereAndSeldomOneThatIsNot() {
    int real = 0;
    int idle = 0;
    for (int seed = 0; seed < 60; seed++) {
      real +=
          play(test(0.15, 0.05, 400), seed, 0.5, c -> 0.68) instanceof BundleAnswer.Ship ? 1 : 0;
      idle += play(test(0.15, 0.05, 400), seed, 0.5, c -> 0.5) instanceof BundleAnswer.Ship ? 1 : 0;
    }

    assertThat(real).isGreaterThan(54);
    assertThat(idle).isLessThanOrEqualTo(9);
  }

  @Test
  void hardlyEverShipsALossConfinedToOneClusterHoweverMuchTheRestGains() {
    int shipped = 0;
    int forked = 0;
    for (int seed = 0; seed < 100; seed++) {
      Chance chance = c -> c == 3 ? 0.4 : 0.62;
      BundleAnswer answer = play(screened(seed, chance), seed, 0.5, chance);
      shipped += answer instanceof BundleAnswer.Ship ? 1 : 0;
      forked +=
          answer instanceof BundleAnswer.Fork(List<String> harmed, var proof)
                  && harmed.equals(List.of("c3"))
                  && proof.episodes() > 0
              ? 1
              : 0;
    }

    assertThat(shipped).isLessThan(5);
    assertThat(forked).isGreaterThan(50);
  }

  /** A test after a screen that saw the truth through noise of six points in each cluster. */
  private static BundleTest screened(long seed, Chance chance) {
    SplittableRandom random = RandomStreams.stream(seed, "screen");
    SortedMap<String, Double> shares = new TreeMap<>();
    double[] means = new double[CLUSTERS];
    double[][] covariance = new double[CLUSTERS][CLUSTERS];
    for (int c = 0; c < CLUSTERS; c++) {
      shares.put("c" + c, 1.0 / CLUSTERS);
      means[c] = chance.of(c) - 0.5 + 0.06 * random.nextGaussian();
      covariance[c][c] = 0.06 * 0.06;
    }
    return new BundleTest(
        BundleTestSettings.DEFAULTS, ClusterEffects.of(shares, means, covariance), 0.6, 0.1, 900);
  }

  @Test
  void loseByInfrastructureFailuresThatOnlyTheCandidateHas() {
    BundleAnswer answer = play(test(0.15, 0.05, 400), 1, 0.5, c -> 0.68, 0.5);

    assertThat(answer).isNotInstanceOf(BundleAnswer.Ship.class);
  }

  @Test
  void playsNoMoreThanTheBudgetAllows() {
    int most = 0;
    for (int seed = 0; seed < 20; seed++) {
      BundleTest test = test(0.05, 0.2, 70);
      play(test, seed, 0.5, c -> 0.6);
      most = Math.max(most, test.pairs().size());
    }

    assertThat(most).isEqualTo(70);
    assertThat(new GateBudget(160, 100).pairs(2)).isEqualTo(110);
    assertThat(test(0.05, 0.2, 0).next()).isInstanceOf(BundleAnswer.Reject.class);
  }
}
