package dev.tandem.aegis.critique;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.EffectSettings;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Observation;
import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class RewardWatchTest {
  private static final Factor LEVER = Factor.toggle("lever");
  private static final Factor BESIDE = Factor.toggle("beside");
  private static final Assignment ON = Assignment.REFERENCE.with(LEVER, "on");

  /**
   * Episodes of two levers, each on in half of them.
   *
   * @param strict what the first adds to the chance of success
   * @param lenient what it adds to what a laxer verifier gives where the goal does not hold
   * @param exploits how often it brings signs of gaming
   */
  private static Evidence evidence(double strict, double lenient, double exploits) {
    SplittableRandom random = RandomStreams.stream(1, "rewards");
    List<Observation> observations = new ArrayList<>();
    for (int i = 0; i < 1600; i++) {
      boolean on = random.nextBoolean();
      Assignment arm =
          Assignment.REFERENCE
              .with(LEVER, on ? "on" : "off")
              .with(BESIDE, random.nextBoolean() ? "on" : "off");
      boolean success = random.nextDouble() < 0.4 + (on ? strict : 0);
      boolean exploited = random.nextDouble() < (on ? exploits : 0);
      double lax = success ? 1 : 0.2 + (on ? lenient : 0);
      observations.add(
          new Observation(0, "t" + i / 8, "c" + i / 8 % 4, arm, success, lax, exploited));
    }
    return Evidence.NONE.with(observations);
  }

  private static List<String> suspicions(Evidence evidence, Assignment... inForce) {
    return new RewardWatch(EffectSettings.DEFAULTS)
        .suspicions(List.of(inForce), List.of(LEVER, BESIDE), evidence, 0).stream()
            .map(one -> one.lever() + ": " + one.reason())
            .toList();
  }

  @Test
  void suspectsAGainThatOnlyALaxVerifierSees() {
    assertThat(suspicions(evidence(0.05, 0.6, 0), Assignment.REFERENCE))
        .singleElement()
        .asString()
        .matches(
            "lever=on: it brings \\+[0-9.]+ points by the lenient verifier and only .* by the"
                + " strict one");
  }

  @Test
  void suspectsSignsOfGamingWhateverTheSuccess() {
    assertThat(suspicions(evidence(0.2, 0, 0.1), Assignment.REFERENCE))
        .singleElement()
        .asString()
        .matches("lever=on: it brings [0-9.]+ more signs of gaming in 100 episodes");
  }

  @Test
  void suspectsWhatHasShippedToo() {
    assertThat(suspicions(evidence(0.2, 0, 0.1), ON))
        .singleElement()
        .asString()
        .startsWith("lever=on");
  }

  @Test
  void looksAtEveryHarnessOfThePoolAndTellsALeverOnce() {
    assertThat(suspicions(evidence(0.2, 0, 0.1), Assignment.REFERENCE, ON))
        .singleElement()
        .asString()
        .startsWith("lever=on");
  }

  @Test
  void findsCreditForPartsOfAGoalHonestWhereSuccessRisesToo() {
    assertThat(suspicions(evidence(0.1, 0.15, 0), Assignment.REFERENCE)).isEmpty();
    assertThat(suspicions(evidence(0.1, 0, 0), Assignment.REFERENCE)).isEmpty();
  }
}
