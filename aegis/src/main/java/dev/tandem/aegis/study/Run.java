package dev.tandem.aegis.study;

import dev.tandem.aegis.screen.Assignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What became of one simulated run, held against the truth as it goes. */
final class Run {
  /** Less than this is neither gain nor harm. */
  static final double NEGLIGIBLE = 0.005;

  private static final double CONFINED_LOSS = 0.07;

  private final World world;
  private final Truth truth;
  private final double best;
  private final double bare;
  private final List<Double> found = new ArrayList<>();
  private final Coverage coverage = new Coverage();
  private int shippedChanges;
  private int idleChanges;
  private int harmfulChanges;
  private int ships;
  private boolean shippedConfined;
  private boolean lostCluster;
  private int reverts;
  private int forks;
  private int trainEpisodes;
  private int trainSuccesses;
  private int gateEpisodes;
  private int tests;

  Run(World world) {
    this.world = world;
    this.truth = new Truth(world);
    this.bare = truth.success(Assignment.REFERENCE);
    this.best = truth.success(truth.best());
  }

  World world() {
    return world;
  }

  Truth truth() {
    return truth;
  }

  Coverage coverage() {
    return coverage;
  }

  void trained(int episodes, int successes) {
    trainEpisodes += episodes;
    trainSuccesses += successes;
  }

  void tested(int episodes) {
    tests++;
    gateEpisodes += episodes;
  }

  void forked() {
    forks++;
  }

  void reverted() {
    reverts++;
  }

  /** A version replaces another: was each change, in the end, a good one? */
  void shipped(Assignment from, Assignment to) {
    ships++;
    for (Assignment.Change change : from.changesTo(to, world.factors())) {
      Assignment without = to.with(change.factor(), change.from());
      double gain = truth.success(to) - truth.success(without);
      shippedChanges++;
      idleChanges += Math.abs(gain) < NEGLIGIBLE ? 1 : 0;
      harmfulChanges += gain <= -NEGLIGIBLE ? 1 : 0;
      shippedConfined |= world.confined().contains(change.lever());
    }
    Map<String, Double> before = truth.of(from);
    truth
        .of(to)
        .forEach(
            (cluster, success) ->
                lostCluster |= before.getOrDefault(cluster, 0.0) - success > CONFINED_LOSS);
  }

  void endRound(Assignment incumbent) {
    found.add(truth.success(incumbent) - bare);
  }

  /** Good levers that the last version lacks. */
  private int missed(Assignment incumbent) {
    int missed = 0;
    for (Assignment.Change change : incumbent.changesTo(truth.best(), world.factors())) {
      double gain = truth.success(change.appliedTo(incumbent)) - truth.success(incumbent);
      missed += gain > 3 * NEGLIGIBLE ? 1 : 0;
    }
    return missed;
  }

  /** The figures of the run. */
  Outcome outcome(Assignment incumbent) {
    return new Outcome(
        best - bare,
        List.copyOf(found),
        ships,
        shippedChanges,
        idleChanges,
        harmfulChanges,
        missed(incumbent),
        shippedConfined,
        lostCluster,
        forks,
        reverts,
        tests,
        trainEpisodes,
        gateEpisodes,
        (double) trainSuccesses / Math.max(1, trainEpisodes),
        coverage);
  }

  /**
   * The figures of a run.
   *
   * @param available gain of the best version, in success
   * @param found gain of the incumbent after each round
   * @param missed good levers that the last version lacks
   * @param shippedConfined whether a lever shipped that harms one cluster
   * @param lostCluster whether a ship cost a cluster more than 7 points
   */
  record Outcome(
      double available,
      List<Double> found,
      int ships,
      int changes,
      int idle,
      int harmful,
      int missed,
      boolean shippedConfined,
      boolean lostCluster,
      int forks,
      int reverts,
      int tests,
      int trainEpisodes,
      int gateEpisodes,
      double trainSuccess,
      Coverage coverage) {}
}
