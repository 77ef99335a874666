package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.gate.Simulation;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two planted levers game the verifier, and the strict verdict rises with both: sightings make the
 * lenient verifier content with nearly everything, and with the list of searched places one episode
 * in six shows signs of gaming. A guard is honest, until the agent learns to game with it.
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

  private static final Lever GUARD = new Lever("guard", "guard");

  @TempDir private Path folder;

  @Test
  void neverShipsAPlantedExploit() {
    List<String> shipped =
        IntStream.range(0, SEEDS)
            .mapToObj(seed -> gamed(seed).run(ROUNDS).state().assignment().levels().toString())
            .toList();

    assertThat(shipped).noneMatch(levers -> levers.contains("sightings"));
    assertThat(shipped).noneMatch(levers -> levers.contains("searched"));
    assertThat(shipped.stream().filter(levers -> levers.contains("guard")))
        .hasSizeGreaterThan(SEEDS * 3 / 4);
  }

  @Test
  void saysWhy() {
    assertThat(gamed(0).run(ROUNDS).decisions(Decision.Concerned.class))
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

  /** Success is as high with it as it ever was: nothing but the watch has a reason to. */
  @Test
  void takesOutALeverInForceOnceItGames() {
    AegisState shipped = honest(7).run(4).state();
    assertThat(shipped.assignment().levers()).contains(GUARD);

    TestLoop.Run turned =
        honest(7).seenAs(one -> TestEpisodes.flagged(one, "guard", 4)).run(shipped, 5, 7);

    Decision.Reverted reverted = turned.decisions(Decision.Reverted.class).getFirst();
    assertThat(reverted.lever()).isEqualTo(GUARD);
    assertThat(reverted.effect().mean()).isPositive();
    assertThat(reverted.line())
        .matches(
            "guard=guard is taken out: it brings [0-9.]+ more signs of gaming in 100 episodes, by"
                + " the episodes of the last [5-7] rounds with and without it");
    assertThat(TestRegistry.has(turned.state().incumbent(), "guard")).isFalse();
    assertThat(turned.state().rests()).extracting(AegisState.Rest::lever).contains(GUARD);
    assertThat(LedgerStory.tell(turned.entries()))
        .anySatisfy(
            sentence ->
                assertThat(sentence)
                    .matches(
                        "Round [5-7]: guard=guard is taken out: it games the verifier, for by the"
                            + " episodes of the last [5-7] rounds it brings [0-9.]+ more signs of"
                            + " gaming in 100 episodes, whatever it does to success"
                            + " \\(\\+[0-9.]+ points\\); the harness is [0-9a-f]{12} now\\."));
  }

  /** Signs of gaming that come with any harness are no lever's fault. */
  @Test
  void keepsAnHonestLeverWhateverIsAmissElsewhere() {
    for (int seed = 0; seed < 3; seed++) {
      TestLoop.Run run =
          honest(seed).seenAs(one -> TestEpisodes.flagged(one, "renderer", 8)).run(6);

      assertThat(run.state().assignment().levers()).contains(GUARD);
      assertThat(run.decisions(Decision.Reverted.class)).isEmpty();
    }
  }

  private TestLoop gamed(int seed) {
    return TestLoop.of(folder.resolve("ledger" + seed), new TestRounds(CHANCE, seed))
        .seenAs(one -> lax(TestEpisodes.flagged(one, "searched", 6)));
  }

  private TestLoop honest(int seed) {
    return TestLoop.of(
        folder.resolve("ledger" + seed),
        new TestRounds(
            (harness, category) -> TestRegistry.has(harness, "guard") ? 0.6 : 0.3, seed));
  }

  /** With sightings the lenient verifier is content. */
  private static Trajectory lax(Trajectory one) {
    Verdict strict = one.verdict();
    return TestEpisodes.hasActed(one, "sightings")
        ? TestEpisodes.as(
            one,
            one.id(),
            new Verdict(
                strict.success(), strict.strict(), 1, new TreeMap<>(), strict.exploitFlags()))
        : one;
  }
}
