package dev.tandem.aegis.critique;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.aegis.screen.EffectModel;
import dev.tandem.aegis.screen.EffectSettings;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.aegis.screen.Observation;
import dev.tandem.aegis.screen.Posterior;
import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BundlerTest {
  private static final Factor RETRY = new Factor("retry", List.of("off", "one", "two"));
  private static final Factor NOTE = Factor.toggle("note");
  private static final Factor OLD = Factor.toggle("old");
  private static final Factor SPLIT = Factor.toggle("split");
  private static final List<Factor> FACTORS = List.of(RETRY, NOTE, OLD, SPLIT);
  private static final Assignment INCUMBENT = Assignment.REFERENCE.with(OLD, "on");

  /** Two retries are worth 25 points, one 10, a note 15; "old" costs 20; "split" harms c0. */
  private static Evidence evidence(int round, double sign) {
    SplittableRandom random = RandomStreams.stream(1, "bundles", round);
    List<Observation> observations = new ArrayList<>();
    for (int task = 0; task < 400; task++) {
      for (int attempt = 0; attempt < 8; attempt++) {
        Assignment arm =
            Assignment.REFERENCE
                .with(RETRY, RETRY.levels().get(random.nextInt(3)))
                .with(NOTE, NOTE.levels().get(random.nextInt(2)))
                .with(OLD, OLD.levels().get(random.nextInt(2)))
                .with(SPLIT, SPLIT.levels().get(random.nextInt(2)));
        double gain =
            (arm.has(new Lever("retry", "two")) ? 0.25 : 0)
                + (arm.has(new Lever("retry", "one")) ? 0.1 : 0)
                + (arm.has(new Lever("note", "on")) ? 0.15 : 0)
                + (arm.has(new Lever("old", "on")) ? -0.2 : 0)
                + (arm.has(new Lever("split", "on")) ? (task % 8 == 0 ? -0.2 : 0.12) : 0);
        boolean success = random.nextDouble() < 0.35 + sign * gain;
        observations.add(
            new Observation(round, "t" + round + "-" + task, "c" + task % 8, arm, success));
      }
    }
    return Evidence.NONE.with(observations);
  }

  private static Posterior fit(Evidence evidence, int round) {
    return EffectModel.fit(evidence, FACTORS, round, EffectSettings.DEFAULTS);
  }

  private static Bundler.Choice choose(Evidence evidence, Set<Lever> blocked) {
    return new Bundler(BundleSettings.DEFAULTS)
        .choose(INCUMBENT, FACTORS, fit(evidence, 0), evidence, blocked);
  }

  @Test
  void bundlesTheBestLevelsAndRemovalsAndKeepsBackWhatHarmsACluster() {
    Bundler.Choice choice = choose(evidence(0, 1), Set.of());

    assertThat(choice.bundle())
        .hasValueSatisfying(
            bundle -> {
              assertThat(bundle.candidate().levels())
                  .isEqualTo(Map.of("retry", "two", "note", "on"));
              assertThat(bundle.predicted().mean()).isBetween(0.5, 0.68);
              assertThat(bundle.winShare()).isBetween(0.75, 0.9);
              assertThat(bundle.halves(fit(evidence(0, 1), 0)))
                  .hasValueSatisfying(halves -> assertThat(halves.surer().changes()).hasSize(2));
            });
    assertThat(choice.doubtful()).containsExactly(new Lever("split", "on"));
  }

  @Test
  void forksForTheClustersThatALeverHelpsIfItHarmsAnother() {
    ForkFinder finder = new ForkFinder(BundleSettings.DEFAULTS, 0.05, FACTORS);
    Posterior posterior = fit(evidence(0, 1), 0);
    Assignment shipped = Assignment.REFERENCE.with(SPLIT, "on");

    assertThat(finder.find(shipped, posterior, evidence(0, 1), Set.of()))
        .hasValueSatisfying(
            fork -> {
              assertThat(fork.clusters()).isEqualTo(ClusterSet.only(List.of("c0")));
              assertThat(fork.bundle().candidate().level(SPLIT)).isEqualTo("off");
              assertThat(fork.bundle().clusters().clusters()).containsExactly("c0");
            });
    assertThat(finder.move(shipped, posterior, List.of(Assignment.REFERENCE)))
        .hasValueSatisfying(
            moved -> assertThat(moved.clusters()).isEqualTo(ClusterSet.only(List.of("c0"))));
    assertThat(finder.find(shipped, posterior, evidence(0, 1), Set.of(new Lever("split", "off"))))
        .isEmpty();
  }

  @Test
  void leavesOutWhatIsBlockedAndWhatFailsMore() {
    Evidence evidence =
        evidence(0, 1).withFailures(0, Map.of(Assignment.REFERENCE.with(NOTE, "on"), 60));

    assertThat(choose(evidence, Set.of(new Lever("retry", "two"))).bundle())
        .hasValueSatisfying(
            bundle -> assertThat(bundle.candidate().levels()).isEqualTo(Map.of("retry", "one")));
  }

  @Test
  void doesNothingWhereNothingIsKnownToHelp() {
    Bundler.Choice choice = choose(Evidence.NONE, Set.of());

    assertThat(choice.bundle()).isEmpty();
    assertThat(choice.reason()).contains("no change helps");
  }

  @Test
  void predictionsAreScoredByLaterEvidence() {
    Bundle bundle = choose(evidence(0, 1), Set.of()).bundle().orElseThrow();
    Prediction overall = Prediction.of(bundle, 0).getFirst();

    assertThat(Prediction.of(bundle, 0)).hasSize(9);
    assertThat(overall.score(fit(evidence(1, 1), 1))).isEqualTo(Prediction.Score.CAME_TRUE);
    assertThat(overall.score(fit(evidence(1, -1), 1))).isEqualTo(Prediction.Score.FAILED);
    assertThat(overall.score(fit(Evidence.NONE, 1))).isEqualTo(Prediction.Score.OPEN);
  }

  @Test
  void aGainThatTurnsOutLargerCameTrueAndOneThatTurnsOutSmallerDidNot() {
    assertThat(score(0.4, 1)).isEqualTo(Prediction.Score.CAME_TRUE);
    assertThat(score(1, 0.4)).isEqualTo(Prediction.Score.FAILED);
  }

  /** Of what a bundle promises when its levers do so much, and later so much. */
  private static Prediction.Score score(double then, double later) {
    Bundle bundle = choose(evidence(0, then), Set.of()).bundle().orElseThrow();
    return Prediction.of(bundle, 0).getFirst().score(fit(evidence(1, later), 1));
  }

  @Test
  void portfolioBlocksBelowTwoHitsInFiveAndNotAtThem() {
    Lever lever = new Lever("note", "on");
    assertThat(portfolio(39, 5).blocked(Set.of(lever), 6)).containsExactly(lever);
    assertThat(portfolio(40, 5).blocked(Set.of(lever), 6)).isEmpty();
    assertThat(portfolio(39, 1).blocked(Set.of(lever), 6)).isEmpty();
  }

  /** 39 or 40 hits of 100, in two ships. */
  private static Portfolio portfolio(int hits, int firstRound) {
    Lever lever = new Lever("note", "on");
    return new Portfolio(
        List.of(
            new Portfolio.Ship(lever, firstRound, 0, 50), new Portfolio.Ship(lever, 6, hits, 50)));
  }
}
