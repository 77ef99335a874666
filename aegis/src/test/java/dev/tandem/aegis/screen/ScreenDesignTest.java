package dev.tandem.aegis.screen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ScreenDesignTest {
  private static final List<Factor> FACTORS =
      IntStream.range(0, 15).mapToObj(i -> Factor.toggle("f" + i)).toList();
  private static final Assignment NONE = Assignment.REFERENCE;
  private static final ScreenSettings SETTINGS = ScreenSettings.DEFAULTS;
  private static final int ATTEMPTS = 8;
  private static final int TASKS = 200;

  private final ScreenDesign design = new ScreenDesign(SETTINGS);

  /** All arms of 200 tasks. */
  private List<Assignment> arms(Assignment incumbent, Posterior posterior, Set<Lever> blocked) {
    List<ScreenDesign.Share> shares = design.shares(incumbent, FACTORS, posterior, blocked);
    return IntStream.range(0, TASKS)
        .mapToObj(task -> design.arms(incumbent, shares, ATTEMPTS, 3, "t" + task))
        .flatMap(List::stream)
        .toList();
  }

  private static Posterior after(Evidence evidence) {
    return EffectModel.fit(evidence, FACTORS, 5, EffectSettings.DEFAULTS);
  }

  /** Each factor was played alone against nothing often enough to be known; f0 helps, f1 harms. */
  private static Evidence known() {
    List<Observation> observations = new ArrayList<>();
    for (int task = 0; task < 600; task++) {
      for (int arm = 0; arm < FACTORS.size(); arm++) {
        int hash = (task * 31 + arm * 17) % 10;
        int successes = arm == 0 ? 9 : arm == 1 ? 1 : 5;
        Assignment one = NONE.with(FACTORS.get(arm), "on");
        observations.add(new Observation(4, "t" + task, "c", one, hash < successes));
      }
      observations.add(new Observation(4, "t" + task, "c", NONE, task % 2 == 0));
    }
    return Evidence.NONE.with(observations);
  }

  private static double share(List<Assignment> arms, String factor) {
    return arms.stream().filter(arm -> arm.has(new Lever(factor, "on"))).count()
        / (double) arms.size();
  }

  @Test
  void aQuarterOfEachTasksAttemptsIsTheIncumbents() {
    List<ScreenDesign.Share> shares = design.shares(NONE, FACTORS, after(Evidence.NONE), Set.of());

    assertThat(design.arms(NONE, shares, ATTEMPTS, 3, "t").subList(0, 2)).containsOnly(NONE);
    assertThat(design.arms(NONE, shares, 1, 3, "t")).containsExactly(NONE);
    assertThat(design.arms(NONE, shares, ATTEMPTS, 3, "t"))
        .isEqualTo(design.arms(NONE, shares, ATTEMPTS, 3, "t"))
        .isNotEqualTo(design.arms(NONE, shares, ATTEMPTS, 3, "other"));
  }

  @Test
  void noArmIsMadeOfSurprisesOnly() {
    List<Assignment> arms = arms(NONE, after(Evidence.NONE), Set.of());

    assertThat(arms).allMatch(arm -> arm.levers().size() <= SETTINGS.mostUnknown());
    for (Factor factor : FACTORS) {
      assertThat(share(arms, factor.id())).isBetween(0.12, 0.25);
    }
  }

  @Test
  void whatIsKnownToHelpPlaysOftenAndWhatHarmsHardlyEver() {
    List<Assignment> arms = arms(NONE, after(known()), Set.of());

    double of = 1 - SETTINGS.incumbentShare();
    assertThat(share(arms, "f0")).isBetween(0.95 * of * SETTINGS.highest(), of);
    assertThat(share(arms, "f1")).isLessThan(0.01);
    assertThat(arms).anyMatch(arm -> arm.levers().size() > SETTINGS.mostUnknown());
  }

  @Test
  void whatIsInForceIsSwitchedOffInSomeArms() {
    Assignment incumbent = NONE.with(FACTORS.getFirst(), "on");

    assertThat(1 - share(arms(incumbent, after(known()), Set.of()), "f0"))
        .isBetween(0.1, SETTINGS.off());
  }

  @Test
  void whatIsBlockedNeverPlays() {
    Set<Lever> blocked = Set.of(new Lever("f0", "on"), new Lever("f3", "on"));

    assertThat(
            Stream.of(Evidence.NONE, known())
                .flatMap(evidence -> arms(NONE, after(evidence), blocked).stream()))
        .noneMatch(arm -> blocked.stream().anyMatch(arm::has));
  }
}
