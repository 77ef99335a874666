package dev.tandem.aegis.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.aegis.TestRegistry;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.RolloutResult;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.junit.jupiter.api.Test;

final class SeesawTest {
  private static final GateSettings SETTINGS = GateSettings.DEFAULTS;
  private static final HarnessConfig INCUMBENT = TestRegistry.BARE;
  private static final HarnessConfig CANDIDATE =
      INCUMBENT.apply(new HarnessEdit.Insert(ProcessorSpec.of("guard")), TestRegistry.REGISTRY);

  private static GateAnswer sequential(double level, Simulation simulation, int firstTask) {
    return new SequentialSeesaw(SETTINGS, level)
        .judge(new PairedEpisodes(simulation, INCUMBENT, CANDIDATE, firstTask, 0));
  }

  private static Simulation.Chance chances(double incumbent, double candidate) {
    return (harness, category) -> harness.equals(CANDIDATE) ? candidate : incumbent;
  }

  @Test
  void capitalIsTheIntegralOfTheBets() {
    int wins = 9;
    int losses = 4;
    int cells = 200_000;
    double integral = 0;
    for (int i = 0; i < cells; i++) {
      double bet = 0.5 + (i + 0.5) / cells / 2;
      integral += Math.pow(2 * bet, wins) * Math.pow(2 * (1 - bet), losses) / cells;
    }

    assertThat(Math.exp(SignTest.logCapital(wins, losses))).isCloseTo(integral, within(1e-8));
    assertThat(Math.exp(SignTest.logCapital(0, 0))).isCloseTo(1, within(1e-12));
  }

  @Test
  void capitalIsFairUnderNoDifference() {
    int pairs = 30;
    BinomialDistribution wins = new BinomialDistribution(null, pairs, 0.5);
    double expected = 0;
    for (int won = 0; won <= pairs; won++) {
      expected += wins.probability(won) * Math.exp(SignTest.logCapital(won, pairs - won));
    }

    assertThat(expected).isCloseTo(1, within(1e-9));
  }

  @Test
  void shipsARealGainNearlyAlways() {
    int shipped = 0;
    for (int run = 0; run < 200; run++) {
      Simulation simulation = new Simulation(run, chances(0.45, 0.70));
      shipped += sequential(0.1, simulation, 0) instanceof GateAnswer.Ship ? 1 : 0;
    }

    assertThat(shipped).isGreaterThan(180);
  }

  @Test
  void hardlyEverShipsAnythingInAWholeRunOfUselessEdits() {
    int runs = 400;
    int runsThatShipped = 0;
    for (int run = 0; run < runs; run++) {
      Simulation simulation = new Simulation(1_000 + run, chances(0.6, 0.6));
      GateAccount account = GateAccount.OPENED;
      for (int test = 0; test < 8 && account.ships() == 0; test++) {
        GateAnswer answer = sequential(account.nextLevel(SETTINGS.alpha()), simulation, test * 192);
        account = account.afterTest(answer instanceof GateAnswer.Ship);
      }
      runsThatShipped += account.ships();
    }

    assertThat(runsThatShipped / (double) runs).isLessThan(SETTINGS.alpha());
  }

  @Test
  void spendsNoMoreThanAlphaHoweverManyTestsAreMade() {
    double spent = 0;
    GateAccount account = GateAccount.OPENED;
    for (int test = 0; test < 10_000; test++) {
      spent += account.nextLevel(0.2);
      account = account.afterTest(false);
    }

    assertThat(spent).isLessThan(0.2).isCloseTo(account.spent(0.2), within(1e-9));
  }

  @Test
  void rejectsAGainThatRuinsOneCategory() {
    int rejected = 0;
    int named = 0;
    for (int run = 0; run < 100; run++) {
      Simulation simulation =
          new Simulation(
              5_000 + run,
              (harness, category) -> {
                if (!harness.equals(CANDIDATE)) {
                  return 0.5;
                }
                return category.equals("two") ? 0.05 : 0.9;
              });
      if (sequential(0.1, simulation, 0) instanceof GateAnswer.Reject reject) {
        rejected++;
        named += reject.reason().contains("category two got worse") ? 1 : 0;
      }
    }

    assertThat(rejected).isGreaterThan(95);
    assertThat(named).isEqualTo(rejected);
  }

  @Test
  void givesUpEarlyOnAnEditThatChangesNothing() {
    Simulation simulation = new Simulation(1, chances(1, 1));

    GateAnswer answer = sequential(0.1, simulation, 0);

    assertThat(answer)
        .isInstanceOfSatisfying(
            GateAnswer.Reject.class,
            reject -> assertThat(reject.reason()).contains("out of reach"));
    assertThat(simulation.episodes()).isEqualTo(2 * SETTINGS.batch());
  }

  @Test
  void strictRuleRejectsALostTaskAndNamesIt() {
    Rehearsal rehearsal = losing("test/7");

    GateAnswer answer = strict(rehearsal);

    assertThat(answer)
        .isInstanceOfSatisfying(
            GateAnswer.Reject.class,
            reject -> {
              assertThat(reject.check()).isEqualTo(Check.SEESAW);
              assertThat(reject.reason()).contains("1 tasks").contains("test/7");
            });
  }

  @Test
  void strictRuleForgivesATaskSolvedInOneOfTwoAttempts() {
    Rehearsal once = losing("test/7");
    Rehearsal always = new Simulation(0, chances(1, 1));

    GateAnswer answer =
        strict(
            (harness, first, count, attempt) ->
                (attempt == 0 ? once : always).run(harness, first, count, attempt));

    assertThat(answer).isInstanceOf(GateAnswer.Ship.class);
  }

  private static GateAnswer strict(Rehearsal rehearsal) {
    return new StrictSeesaw(SETTINGS)
        .judge(
            new PairedEpisodes(rehearsal, INCUMBENT, CANDIDATE, 0, 0),
            new PairedEpisodes(rehearsal, INCUMBENT, CANDIDATE, 0, 1));
  }

  /** Everything is solved but this task by the candidate. */
  private static Rehearsal losing(String task) {
    Simulation solving = new Simulation(0, chances(1, 1));
    Simulation failing = new Simulation(0, chances(0, 0));
    return (harness, first, count, attempt) -> {
      List<Trajectory> solved = solving.run(harness, first, count, attempt).trajectories();
      List<Trajectory> failed = failing.run(harness, first, count, attempt).trajectories();
      List<Trajectory> mixed =
          IntStream.range(0, count)
              .mapToObj(
                  i ->
                      harness.equals(CANDIDATE) && solved.get(i).task().key().equals(task)
                          ? failed.get(i)
                          : solved.get(i))
              .toList();
      return new RolloutResult(mixed, List.of());
    };
  }
}
