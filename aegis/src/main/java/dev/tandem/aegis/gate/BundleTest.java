package dev.tandem.aegis.gate;

import dev.tandem.aegis.gate.BundleAnswer.Cause;
import dev.tandem.aegis.screen.ClusterEffects;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Decides over a bundle by paired episodes on fresh tasks: ask {@link #next}, play what it says,
 * {@link #record} the outcome, until it says something else than to play.
 *
 * <p>A gain overall is a matter of proof: {@link MixtureBet} on tasks as they come, at the level
 * that the account of all tests allows. Harm is a matter of what must be ruled out: for each
 * cluster the screen's posterior, updated by the pairs, must leave no more than a small chance of a
 * loss beyond the margin. The test goes on with pairs from the clusters where that is in doubt;
 * they are chosen by what was seen, so they count for harm only. That a bundle ships needs every
 * cluster to pass, so no correction for their number is due (Berger, "Multiparameter hypothesis
 * testing and acceptance sampling", Technometrics 24, 1982): harm in a cluster ships only if that
 * cluster's own test fails.
 *
 * <p>Infrastructure failures say nothing of skill, but the candidate loses by those that it has
 * more of than the incumbent. That only adds losses to the bet, so its proof stays valid.
 */
public final class BundleTest {
  private final BundleTestSettings settings;
  private final ClusterEffects prior;
  private final MixtureBet bet;
  private final double level;
  private final int budget;
  private final List<PairOutcome> representative = new ArrayList<>();
  private final List<PairOutcome> extra = new ArrayList<>();
  private double mostCapital;

  /**
   * @param prior the screen's posterior of the bundle's effect by cluster
   * @param winShare predicted share of wins, fixed before the first pair
   * @param level of the test for a gain, in (0, 1)
   * @param pairs that the budget allows, extra ones included
   */
  public BundleTest(
      BundleTestSettings settings, ClusterEffects prior, double winShare, double level, int pairs) {
    this.settings = settings;
    this.prior = prior;
    this.bet = new MixtureBet(winShare);
    this.level = level;
    this.budget = pairs;
    this.mostCapital = 1;
  }

  /**
   * Takes in what was played.
   *
   * @param asIs pairs on tasks as they came
   * @param chosen pairs on tasks of clusters in doubt
   */
  public void record(List<PairOutcome> asIs, List<PairOutcome> chosen) {
    representative.addAll(asIs);
    extra.addAll(chosen);
    mostCapital = Math.max(mostCapital, Math.exp(bet.logCapital(wins(), losses())));
  }

  /** Every pair that was played. */
  public List<PairOutcome> pairs() {
    List<PairOutcome> all = new ArrayList<>(representative);
    all.addAll(extra);
    return all;
  }

  /** What to do now. */
  public BundleAnswer next() {
    int affordable = budget - representative.size() - extra.size();
    int left = Math.min(settings.maximumPairs() - representative.size(), affordable);
    if (representative.isEmpty() && left > 0) {
      return new BundleAnswer.Play(Math.min(settings.batch(), left), new TreeMap<>());
    }
    ClusterEffects now = updated();
    List<String> harmed = above(now, settings.harmed());
    if (!harmed.isEmpty()) {
      return harmed(harmed, now);
    }
    if (mostCapital < 1 / level) {
      return goOn(left, now);
    }
    List<String> doubtful = above(now, settings.risk());
    if (doubtful.isEmpty()) {
      return new BundleAnswer.Ship(proof(now));
    }
    int extraLeft = Math.min(settings.extraPairs() - extra.size(), affordable);
    if (extraLeft <= 0) {
      return new BundleAnswer.Reject(
          Cause.HARM_NOT_RULED_OUT,
          "a loss of more than %.0f points cannot be ruled out in %s"
              .formatted(100 * settings.margin(), String.join(", ", doubtful)),
          proof(now));
    }
    return new BundleAnswer.Play(0, spread(doubtful, Math.min(settings.batch(), extraLeft)));
  }

  /** The answer when there are no tasks to go on with. */
  BundleAnswer outOfTasks() {
    return new BundleAnswer.Reject(
        Cause.HARM_NOT_RULED_OUT,
        "a loss of more than %.0f points cannot be ruled out, and no task is left to try"
            .formatted(100 * settings.margin()),
        proof(updated()));
  }

  private BundleAnswer goOn(int left, ClusterEffects now) {
    if (left <= 0) {
      return new BundleAnswer.Reject(
          Cause.NO_GAIN,
          "no gain was shown: %d won, %d lost in %d pairs"
              .formatted(wins(), losses(), judged(representative)),
          proof(now));
    }
    int discordant = wins() + losses();
    int expected = (int) Math.ceil(left * (discordant + 1.0) / (judged(representative) + 2.0));
    return bet.chanceToReject(wins(), losses(), expected, level) < settings.futility()
        ? new BundleAnswer.Reject(
            Cause.NO_GAIN,
            "a gain is out of reach: %d won, %d lost in the first %d pairs"
                .formatted(wins(), losses(), judged(representative)),
            proof(now))
        : new BundleAnswer.Play(Math.min(settings.batch(), left), new TreeMap<>());
  }

  private BundleAnswer harmed(List<String> harmed, ClusterEffects now) {
    boolean gainsElsewhere = false;
    for (int c = 0; c < now.count(); c++) {
      gainsElsewhere |= now.at(c).probabilityAbove(0) > settings.harmed();
    }
    return gainsElsewhere
        ? new BundleAnswer.Fork(harmed, proof(now))
        : new BundleAnswer.Reject(
            Cause.HARM_LIKELY,
            "a loss of more than %.0f points is likely in %s"
                .formatted(100 * settings.margin(), String.join(", ", harmed)),
            proof(now));
  }

  private List<String> above(ClusterEffects effects, double chance) {
    List<String> found = new ArrayList<>();
    for (int c = 0; c < effects.count(); c++) {
      if (effects.probabilityOfLoss(c, settings.margin()) > chance) {
        found.add(effects.clusters().get(c));
      }
    }
    return found;
  }

  /** Pairs in equal numbers for the clusters in doubt, what is left over for the first of them. */
  private static SortedMap<String, Integer> spread(List<String> doubtful, int pairs) {
    SortedMap<String, Integer> spread = new TreeMap<>();
    for (int i = 0; i < pairs; i++) {
      spread.merge(doubtful.get(i % doubtful.size()), 1, Integer::sum);
    }
    return spread;
  }

  /** The screen's posterior and all pairs together. */
  private ClusterEffects updated() {
    SortedMap<String, Tally> tallies = byCluster();
    int pairs = 0;
    int discordant = 0;
    for (Tally tally : tallies.values()) {
      pairs += tally.pairs();
      discordant += tally.wins() + tally.losses();
    }
    double variance = (discordant + 1.0) / (pairs + 2.0);
    ClusterEffects effects = prior;
    for (Map.Entry<String, Tally> cluster : tallies.entrySet()) {
      int index = prior.clusters().indexOf(cluster.getKey());
      Tally tally = cluster.getValue();
      if (index >= 0 && tally.pairs() > 0) {
        double difference = (double) (tally.wins() - tally.losses()) / tally.pairs();
        effects = effects.after(index, difference, variance / tally.pairs());
      }
    }
    return effects;
  }

  private SortedMap<String, Tally> byCluster() {
    SortedMap<String, Tally> tallies = new TreeMap<>();
    boolean failsMore = moreFailures(pairs()) > 0;
    for (PairOutcome pair : pairs()) {
      boolean lost = pair.lost() || (failsMore && pair.onlyCandidateBroke());
      if (pair.judged() || lost) {
        tallies.merge(pair.cluster(), new Tally(1, pair.won() ? 1 : 0, lost ? 1 : 0), Tally::plus);
      }
    }
    return tallies;
  }

  private static int moreFailures(List<PairOutcome> pairs) {
    long candidate = pairs.stream().filter(PairOutcome::onlyCandidateBroke).count();
    long incumbent = pairs.stream().filter(PairOutcome::onlyIncumbentBroke).count();
    return (int) Math.max(0, candidate - incumbent);
  }

  private static int judged(List<PairOutcome> pairs) {
    return (int) pairs.stream().filter(PairOutcome::judged).count();
  }

  private int wins() {
    return (int) representative.stream().filter(PairOutcome::won).count();
  }

  private int losses() {
    return (int) representative.stream().filter(PairOutcome::lost).count()
        + moreFailures(representative);
  }

  private BundleProof proof(ClusterEffects now) {
    SortedMap<String, Tally> tallies = byCluster();
    List<BundleProof.ClusterProof> parts = new ArrayList<>();
    for (int c = 0; c < now.count(); c++) {
      String cluster = now.clusters().get(c);
      Tally tally = tallies.getOrDefault(cluster, new Tally(0, 0, 0));
      parts.add(
          new BundleProof.ClusterProof(
              cluster,
              tally.pairs(),
              tally.wins(),
              tally.losses(),
              now.at(c).mean(),
              now.at(c).deviation(),
              now.probabilityOfLoss(c, settings.margin())));
    }
    return new BundleProof(
        judged(representative),
        wins(),
        losses(),
        moreFailures(representative),
        bet.winShare(),
        mostCapital,
        level,
        parts,
        2 * (representative.size() + extra.size()));
  }
}
