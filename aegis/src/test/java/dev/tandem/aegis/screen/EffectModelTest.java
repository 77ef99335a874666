package dev.tandem.aegis.screen;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class EffectModelTest {
  private static final Factor GOOD = Factor.toggle("good");
  private static final Factor BAD = Factor.toggle("bad");
  private static final Factor IDLE = Factor.toggle("idle");
  private static final List<Factor> FACTORS = List.of(GOOD, BAD, IDLE);
  private static final Assignment NONE = Assignment.REFERENCE;

  /** Rounds of 64 tasks in four clusters; "good" helps but in cluster c0, "bad" harms. */
  private static List<Observation> played(long seed, int rounds) {
    List<Observation> observations = new ArrayList<>();
    SplittableRandom random = RandomStreams.stream(seed, "effects");
    for (int round = 0; round < rounds; round++) {
      for (int task = 0; task < 64; task++) {
        double base = 0.3 + 0.3 * random.nextDouble();
        String cluster = "c" + task % 4;
        for (int attempt = 0; attempt < 8; attempt++) {
          Assignment arm = NONE;
          for (Factor factor : FACTORS) {
            arm = random.nextBoolean() ? arm.with(factor, "on") : arm;
          }
          double chance =
              base
                  + (arm.has(new Lever("good", "on")) ? (cluster.equals("c0") ? -0.2 : 0.2) : 0)
                  + (arm.has(new Lever("bad", "on")) ? -0.15 : 0);
          observations.add(
              new Observation(
                  round, "t" + round + "-" + task, cluster, arm, random.nextDouble() < chance));
        }
      }
    }
    return observations;
  }

  private static Posterior fit(Evidence evidence) {
    return EffectModel.fit(evidence, FACTORS, 5, EffectSettings.DEFAULTS);
  }

  @Test
  void findsWhatWasPlantedOverallAndWhereItHarms() {
    Posterior posterior = fit(Evidence.NONE.with(played(1, 6)));

    assertThat(posterior.effect(NONE, NONE.with(GOOD, "on")).mean()).isBetween(0.06, 0.14);
    assertThat(posterior.effect(NONE, NONE.with(GOOD, "on"), "c1").mean()).isBetween(0.13, 0.26);
    assertThat(posterior.effect(NONE, NONE.with(GOOD, "on"), "c0").high(0.9)).isLessThan(-0.05);
    assertThat(posterior.effect(NONE, NONE.with(BAD, "on")).probabilityBelow(-0.05))
        .isGreaterThan(0.99);
    assertThat(posterior.effect(NONE.with(BAD, "on"), NONE).mean())
        .isEqualTo(-posterior.effect(NONE, NONE.with(BAD, "on")).mean());
  }

  @Test
  void intervalsHoldTheTruthAboutAsOftenAsTheySay() {
    int held = 0;
    for (int seed = 0; seed < 60; seed++) {
      Effect effect = fit(Evidence.NONE.with(played(seed, 2))).effect(NONE, NONE.with(IDLE, "on"));
      held += effect.low(0.9) <= 0 && effect.high(0.9) >= 0 ? 1 : 0;
    }

    assertThat(held).isBetween(48, 60);
  }

  @Test
  void knowsNothingWithoutEvidence() {
    Effect effect = fit(Evidence.NONE).effect(NONE, NONE.with(GOOD, "on"));

    assertThat(effect.mean()).isZero();
    assertThat(effect.deviation()).isGreaterThan(0.02);
  }

  @Test
  void copiesOfOneOutcomeAreNotTakenForIndependent() {
    // Every task's attempts go one way or the other as one: 8 episodes that are worth 2.
    List<Observation> observations = new ArrayList<>();
    SplittableRandom random = RandomStreams.stream(3, "slopes");
    for (int task = 0; task < 200; task++) {
      boolean helps = random.nextBoolean();
      for (int attempt = 0; attempt < 8; attempt++) {
        boolean on = attempt % 2 == 0;
        Assignment arm = on ? NONE.with(GOOD, "on") : NONE;
        observations.add(new Observation(0, "t" + task, "c", arm, on == helps));
      }
    }

    assertThat(fit(Evidence.NONE.with(observations)).inflation()).isGreaterThan(3);
  }

  @Test
  void evidenceSurvivesJsonAndForgetsTheOrderOfEpisodes() throws JsonProcessingException {
    List<Observation> observations = played(2, 2);
    Evidence evidence =
        Evidence.NONE.with(observations).withFailures(1, Map.of(NONE.with(BAD, "on"), 3));
    List<Observation> shuffled = new ArrayList<>(observations);
    Collections.shuffle(shuffled, new Random(1));
    ObjectMapper json = new ObjectMapper();

    assertThat(Evidence.NONE.with(shuffled)).isEqualTo(Evidence.NONE.with(observations));
    assertThat(json.readValue(json.writeValueAsString(evidence), Evidence.class))
        .isEqualTo(evidence);
    assertThat(evidence.failures(new Lever("bad", "on")).probabilityWorse()).isGreaterThan(0.9);
    assertThat(evidence.since(1).episodes()).isEqualTo(512);
  }

  @Test
  void designSpreadsEachChangeEvenlyAndSparesTheHarmful() {
    Posterior posterior = fit(Evidence.NONE.with(played(4, 6)));
    ScreenDesign design = new ScreenDesign(ScreenSettings.DEFAULTS);
    List<ScreenDesign.Share> shares = design.shares(NONE, FACTORS, posterior, Set.of());

    assertThat(shares).extracting(ScreenDesign.Share::level).containsOnly("on");
    assertThat(shares.get(0).share()).isGreaterThan(0.5);
    assertThat(shares.get(1).share()).isLessThan(0.01);
    List<Assignment> arms = design.arms(NONE, shares, 8, 7, "task");
    assertThat(arms).hasSize(8).isEqualTo(design.arms(NONE, shares, 8, 7, "task"));
    assertThat(arms.stream().filter(arm -> arm.has(new Lever("good", "on"))).count())
        .isBetween(3L, 4L);
    assertThat(arms.subList(0, 2)).containsOnly(NONE);
    Assignment shipped = NONE.with(GOOD, "on");
    assertThat(design.shares(shipped, FACTORS, posterior, Set.of()).getFirst())
        .satisfies(
            off -> {
              assertThat(off.level()).isEqualTo("off");
              assertThat(off.share()).isEqualTo(ScreenSettings.DEFAULTS.off());
            });
  }
}
