package dev.tandem.aegis.study;

import dev.tandem.aegis.gate.Seesaw;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Plays every scheme in every kind of world, many times, and says on average what was found of what
 * is there, what was shipped by mistake, and what it cost. One seed gives the same figures every
 * time, however many processors there are.
 */
public final class Study {
  private static final long FIRST_SEED = 1000;
  private static final int DRIFT_ROUNDS = 15;
  private static final int SOON = 3;
  private static final double TURNED = -15;

  private final int seeds;
  private final StudySettings settings;

  /**
   * @param seeds worlds of each kind, at least 1
   */
  public Study(int seeds, StudySettings settings) {
    if (seeds < 1) {
      throw new IllegalArgumentException("a study needs at least 1 seed, had " + seeds);
    }
    this.seeds = seeds;
    this.settings = settings;
  }

  /** A way to evolve a harness. */
  public enum Way {
    /** One challenger a round, the sequential seesaw, a CUSUM for drift. */
    ONE_BY_ONE,
    /** The same with the strict seesaw. */
    STRICT,
    FACTORIAL
  }

  /**
   * Means over the runs of one scheme in one kind of world; success in points.
   *
   * @param available what the best version gains
   * @param found what the incumbent gained by rounds 5, 10 and the last
   * @param share of what is available, at the same rounds; NaN if nothing is
   * @param changes shipped in a run
   * @param idle of these, how many do next to nothing
   * @param harmful of these, how many harm
   * @param missed good levers that the last version lacks
   * @param shippedConfined share of runs that shipped a lever which costs one cluster 10 points,
   *     whatever else was in the bundle
   * @param lostCluster share of runs with a ship after which a cluster was more than 7 points worse
   * @param coverage share of 90% intervals of effects that hold the truth; NaN without a screen
   * @param clusterCoverage the same for effects in a cluster
   */
  public record Row(
      Profile profile,
      Way way,
      int runs,
      double available,
      List<Double> found,
      List<Double> share,
      double changes,
      double idle,
      double harmful,
      double missed,
      double shippedConfined,
      double lostCluster,
      double tests,
      double trainEpisodes,
      double gateEpisodes,
      double trainSuccess,
      double coverage,
      double clusterCoverage) {
    public Row {
      found = List.copyOf(found);
      share = List.copyOf(share);
    }
  }

  /**
   * Shares of runs in which the watch over shipped levers acted.
   *
   * @param revertedBad within 3 rounds after a lever had turned from +4 points to -15
   * @param revertedEqual of an equally good version, within 15 rounds
   * @param revertedEqualByCusum the same by the CUSUM
   */
  public record Drift(
      int runs, double revertedBad, double revertedEqual, double revertedEqualByCusum) {}

  /** All figures. */
  public record Result(List<Row> rows, Drift drift) {
    public Result {
      rows = List.copyOf(rows);
    }
  }

  /** Kinds of worlds times schemes. */
  public static int rows() {
    return Profile.values().length * Way.values().length;
  }

  /**
   * Everything.
   *
   * @param played called after each scheme in each kind of world
   */
  public Result run(Runnable played) {
    List<Row> rows = new ArrayList<>();
    for (Profile profile : Profile.values()) {
      for (Way way : Way.values()) {
        rows.add(row(profile, way));
        played.run();
      }
    }
    return new Result(rows, drift());
  }

  /** One scheme in one kind of world. */
  public Row row(Profile profile, Way way) {
    Scheme scheme = scheme(way);
    List<Run.Outcome> runs =
        IntStream.range(0, seeds)
            .parallel()
            .mapToObj(seed -> scheme.play(profile.world(FIRST_SEED + seed), settings))
            .toList();
    int last = settings.rounds();
    List<Integer> looks = List.of(Math.min(5, last), Math.min(10, last), last);
    Coverage coverage = new Coverage();
    runs.forEach(run -> coverage.add(run.coverage()));
    double available = mean(runs, Run.Outcome::available);
    List<Double> found =
        looks.stream().map(look -> mean(runs, run -> run.found().get(look - 1))).toList();
    boolean anything = profile != Profile.CONFINED;
    return new Row(
        profile,
        way,
        seeds,
        100 * available,
        found.stream().map(one -> 100 * one).toList(),
        found.stream().map(one -> anything ? one / available : Double.NaN).toList(),
        mean(runs, Run.Outcome::changes),
        mean(runs, Run.Outcome::idle),
        mean(runs, Run.Outcome::harmful),
        mean(runs, Run.Outcome::missed),
        mean(runs, run -> run.shippedConfined() ? 1 : 0),
        mean(runs, run -> run.lostCluster() ? 1 : 0),
        mean(runs, Run.Outcome::tests),
        mean(runs, Run.Outcome::trainEpisodes),
        mean(runs, Run.Outcome::gateEpisodes),
        mean(runs, Run.Outcome::trainSuccess),
        coverage.ofOverall(),
        coverage.ofCluster());
  }

  /** The watch over shipped levers. */
  public Drift drift() {
    return new Drift(
        seeds,
        share(seed -> DriftStudy.roundsUntilReverted(seed, TURNED, SOON) <= SOON),
        share(seed -> DriftStudy.revertsAnEqual(seed, DRIFT_ROUNDS)),
        share(seed -> DriftStudy.cusumRevertsAnEqual(seed, DRIFT_ROUNDS)));
  }

  private double share(LongPredicate happens) {
    long count =
        IntStream.range(0, seeds).parallel().filter(i -> happens.test(FIRST_SEED + i)).count();
    return (double) count / seeds;
  }

  private static Scheme scheme(Way way) {
    return switch (way) {
      case ONE_BY_ONE -> new OneByOneScheme(Seesaw.SEQUENTIAL);
      case STRICT -> new OneByOneScheme(Seesaw.STRICT);
      case FACTORIAL -> new FactorialScheme(FactorialScheme.Choices.DEFAULTS);
    };
  }

  private static double mean(List<Run.Outcome> runs, ToDoubleFunction<Run.Outcome> figure) {
    return runs.stream().mapToDouble(figure).average().orElse(Double.NaN);
  }
}
