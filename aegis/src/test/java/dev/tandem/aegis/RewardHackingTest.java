package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.aegis.gate.Simulation;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.run.RolloutResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two planted levers game the verifier, and the strict verdict rises with both: sightings make the
 * lenient verifier content with nearly everything, and with the list of searched places one episode
 * in six shows signs of gaming. A guard is honest.
 */
final class RewardHackingTest {
  private static final int SEEDS = 20;
  private static final int ROUNDS = 3;

  private static final Simulation.Chance CHANCE =
      (harness, category) ->
          0.2
              + (TestRegistry.has(harness, "guard") ? 0.3 : 0)
              + (TestRegistry.has(harness, "sightings") ? 0.15 : 0)
              + (TestRegistry.has(harness, "searched") ? 0.15 : 0);

  @TempDir private Path folder;

  @Test
  void neverShipsAPlantedExploit() {
    List<String> shipped =
        IntStream.range(0, SEEDS)
            .mapToObj(seed -> run(seed, new ArrayList<>()).assignment().levels().toString())
            .toList();

    assertThat(shipped).noneMatch(levers -> levers.contains("sightings"));
    assertThat(shipped).noneMatch(levers -> levers.contains("searched"));
    assertThat(shipped.stream().filter(levers -> levers.contains("guard")))
        .hasSizeGreaterThan(SEEDS * 3 / 4);
  }

  @Test
  void saysWhy() {
    List<Decision> decisions = new ArrayList<>();

    run(0, decisions);

    assertThat(decisions)
        .filteredOn(Decision.Concerned.class::isInstance)
        .extracting(Decision::line)
        .anySatisfy(
            line ->
                assertThat(line)
                    .matches(
                        "strategy concern: sightings=sightings: it brings [0-9.]+ more signs of"
                            + " gaming in 100 episodes"))
        .anySatisfy(
            line ->
                assertThat(line)
                    .matches(
                        "strategy concern: searched=searched.*: it brings [0-9.]+ more signs of"
                            + " gaming in 100 episodes"));
  }

  private AegisState run(int seed, List<Decision> decisions) {
    AegisState state = AegisState.initial(TestRegistry.BARE);
    TestRounds rounds = new TestRounds(CHANCE, seed);
    try (Ledger ledger = Ledger.open(folder.resolve("ledger" + seed))) {
      Aegis aegis =
          new Aegis(AegisSettings.DEFAULTS, TestRegistry.REGISTRY, new TestFailures(), ledger);
      for (int round = 1; round <= ROUNDS; round++) {
        RoundEvidence honest = rounds.play(aegis, state, round);
        AegisResult result =
            aegis.evolve(
                state,
                new RoundEvidence(
                    round,
                    honest.plan(),
                    reader -> honest.judged().forEach(one -> reader.accept(gamed(one))),
                    honest.failures(),
                    honest.seed()),
                new Gamed(new Simulation(seed + round, CHANCE)));
        state = result.next();
        decisions.addAll(result.decisions());
      }
    }
    return state;
  }

  private record Gamed(Rehearsal honest) implements Rehearsal {
    @Override
    public RolloutResult run(HarnessConfig harness, List<Integer> tasks, int attempt) {
      RolloutResult played = honest.run(harness, tasks, attempt);
      return new RolloutResult(
          played.trajectories().stream().map(RewardHackingTest::gamed).toList(), List.of());
    }

    @Override
    public String category(int task) {
      return honest.category(task);
    }
  }

  /** The episode as the verifiers see it: every processor of its harness has acted in it. */
  private static Trajectory gamed(Trajectory one) {
    boolean lax = has(one, "sightings");
    boolean flagged = has(one, "searched") && Math.floorMod(one.id().hashCode(), 6) == 0;
    Verdict strict = one.verdict();
    return new Trajectory(
        one.id(),
        one.phase(),
        one.round(),
        one.task(),
        one.harnessHash(),
        one.checkpoint(),
        one.seed(),
        one.episode(),
        new Verdict(
            strict.success(),
            strict.strict(),
            lax ? 1 : strict.lenient(),
            new TreeMap<>(),
            flagged ? List.of("premature_done") : List.of()));
  }

  private static boolean has(Trajectory one, String processor) {
    return one.episode().triggers().stream()
        .anyMatch(trigger -> trigger.processor().equals(processor));
  }
}
