package dev.tandem.trainer.warmstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.rollout.Split;
import dev.tandem.rollout.house.HouseFamily;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.equipment.Outfit;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.policy.Transcript;
import dev.tandem.trainer.recipe.WarmStartSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class WarmStartTest {
  private static WarmStartSettings settings(int episodes, int promptTokens, int passes) {
    return new WarmStartSettings(
        episodes, 0.15, 0.5, promptTokens, passes, 32, WarmStartSettings.Rule.ADAMW, 1e-2, 0.01, 1);
  }

  private static ExpertLessons lessons(WarmStartSettings settings, Policy policy) {
    HouseFamily house = new HouseFamily();
    return new ExpertLessons(
        settings,
        7,
        house,
        house.tasks().tasks(Split.TRAIN, 0, settings.episodes()),
        Tiny.harness(),
        Outfit.of(Tiny.REGISTRY),
        policy.format());
  }

  /** What a listener was told. */
  private static final class Told implements WarmStart.Listener {
    private final List<Double> losses = new ArrayList<>();
    private final List<Progress> passes = new ArrayList<>();
    private @Nullable HeldOut before;

    @Override
    public void measured(Progress progress) {
      before = progress.before();
      assertThat(progress.steps()).isZero();
    }

    @Override
    public void stepped(Progress progress, double loss) {
      losses.add(loss);
      assertThat(progress.steps()).isEqualTo(losses.size());
    }

    @Override
    public void passed(Progress progress) {
      passes.add(progress);
      assertThat(progress.pass()).isEqualTo(passes.size());
    }
  }

  private static Told train(Policy policy, WarmStartSettings settings) {
    Told record = new Told();
    try (Optimiser optimiser = Tiny.optimiser(policy)) {
      new WarmStart(settings, 7)
          .train(policy.decoder(), optimiser, lessons(settings, policy), record);
    }
    return record;
  }

  @Test
  void lowersTheLossOfWhatItTeachesAndOfWhatItHoldsOut() {
    try (Policy policy = Tiny.policy(1)) {
      Told record = train(policy, settings(40, 160, 2));
      double guess = Math.log(policy.decoder().spec().vocabularySize());
      assertThat(record.losses.getFirst()).isBetween(0.9 * guess, 1.1 * guess);
      assertThat(record.losses.getLast()).isLessThan(0.5 * record.losses.getFirst());
      assertThat(record.passes).hasSize(2);
      List<Double> heldOut = record.passes.getLast().heldOut().stream().map(HeldOut::loss).toList();
      assertThat(Objects.requireNonNull(record.before).loss()).isBetween(0.9 * guess, 1.1 * guess);
      assertThat(heldOut.getFirst()).isLessThan(0.7 * guess);
      assertThat(heldOut.getLast()).isLessThan(heldOut.getFirst());
    }
  }

  @Test
  void theLearningRateRisesAndThenFallsToNothing() {
    WarmStart warmStart = new WarmStart(settings(40, 160, 4), 7);
    double step = 0.01;
    assertThat(warmStart.learningRate(0, step)).isCloseTo(1e-2 / 20, within(1e-9));
    assertThat(warmStart.learningRate(0.19, step)).isCloseTo(1e-2, within(1e-9));
    assertThat(warmStart.learningRate(2.1, step)).isCloseTo(1e-2 / 2, within(1e-9));
    assertThat(warmStart.learningRate(4 - step, step)).isBetween(0.0, 1e-4);
  }

  @Test
  void endsAfterItsPasses() {
    try (Policy policy = Tiny.policy(1)) {
      assertThat(train(policy, settings(3, 160, 5)).passes).hasSize(5);
    }
  }

  @Test
  void oneSeedIsOneModel() {
    WarmStartSettings settings = settings(10, 160, 1);
    try (Policy first = Tiny.policy(1);
        Policy second = Tiny.policy(1)) {
      assertThat(train(second, settings).losses).isEqualTo(train(first, settings).losses);
      assertThat(second.decoder().weightsSha256()).isEqualTo(first.decoder().weightsSha256());
    }
  }

  @Test
  void leavesOutPromptsThatAreTooLong() {
    try (Policy policy = Tiny.policy(1)) {
      List<Transcript> all = lessons(settings(40, 256, 2), policy).pass(0);
      List<Transcript> kept = lessons(settings(40, 40, 2), policy).pass(0);
      assertThat(kept).isNotEmpty().allMatch(lesson -> promptTokens(lesson) <= 40);
      assertThat(kept)
          .hasSize((int) all.stream().filter(lesson -> promptTokens(lesson) <= 40).count())
          .hasSizeLessThan(all.size());
    }
  }

  @Test
  void aTenthIsHeldOutAndEveryPassShowsTheRestThroughOtherHarnesses() {
    try (Policy policy = Tiny.policy(1)) {
      ExpertLessons lessons = lessons(settings(40, 10_000, 2), policy);
      int taught = lessons.pass(0).size();
      assertThat(lessons.heldOut()).hasSizeBetween(taught / 20, taught / 5);
      assertThat(prompts(lessons.pass(0))).isEqualTo(prompts(lessons.pass(0)));
      assertThat(prompts(lessons.pass(1))).isNotEqualTo(prompts(lessons.pass(0)));
    }
  }

  private static List<String> prompts(List<Transcript> lessons) {
    return lessons.stream()
        .map(lesson -> Arrays.toString(Arrays.copyOf(lesson.ids(), promptTokens(lesson))))
        .toList();
  }

  private static int promptTokens(Transcript lesson) {
    return lesson.ids().length - WarmStart.tokensSaid(lesson);
  }
}
