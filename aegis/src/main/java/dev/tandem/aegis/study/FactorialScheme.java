package dev.tandem.aegis.study;

import dev.tandem.aegis.critique.Bundle;
import dev.tandem.aegis.critique.BundleSettings;
import dev.tandem.aegis.critique.Bundler;
import dev.tandem.aegis.drift.LeverWatch;
import dev.tandem.aegis.drift.LeverWatchSettings;
import dev.tandem.aegis.gate.BundleAnswer;
import dev.tandem.aegis.gate.BundleTest;
import dev.tandem.aegis.gate.BundleTestSettings;
import dev.tandem.aegis.gate.GateAccount;
import dev.tandem.aegis.gate.GateBudget;
import dev.tandem.aegis.gate.MixtureBet;
import dev.tandem.aegis.gate.PairOutcome;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.ClusterEffects;
import dev.tandem.aegis.screen.Effect;
import dev.tandem.aegis.screen.EffectModel;
import dev.tandem.aegis.screen.EffectSettings;
import dev.tandem.aegis.screen.Evidence;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.aegis.screen.Observation;
import dev.tandem.aegis.screen.Posterior;
import dev.tandem.aegis.screen.ScreenDesign;
import dev.tandem.aegis.screen.ScreenSettings;
import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Every round a factorial experiment; what helps is bundled, tested and shipped as one. */
final class FactorialScheme implements Scheme {
  /** Rounds from one look at the intervals to the next. */
  private static final int COVERED = 5;

  private final Choices choices;

  /**
   * The settings of every stage.
   *
   * @param alpha spent over all tests
   * @param power least chance to pass, if the prediction is right, at which a bundle is tested
   * @param rest rounds for which a lever that was reverted does not play
   */
  record Choices(
      ScreenSettings screen,
      EffectSettings effects,
      EffectSettings sceptical,
      BundleSettings bundles,
      BundleTestSettings test,
      LeverWatchSettings drift,
      double alpha,
      double power,
      int rest) {
    static final Choices DEFAULTS =
        new Choices(
            ScreenSettings.DEFAULTS,
            EffectSettings.DEFAULTS,
            EffectSettings.SCEPTICAL,
            BundleSettings.DEFAULTS,
            BundleTestSettings.DEFAULTS,
            LeverWatchSettings.DEFAULTS,
            0.2,
            0.6,
            4);
  }

  FactorialScheme(Choices choices) {
    this.choices = choices;
  }

  @Override
  public Run.Outcome play(World world, StudySettings settings) {
    return new Round(world, settings).playAll();
  }

  /** One run, round by round. */
  private final class Round {
    private final World world;
    private final StudySettings settings;
    private final Run run;
    private final Play play;
    private final List<Factor> factors;
    private final SortedMap<Lever, Integer> restsUntil = new TreeMap<>();
    private Assignment incumbent = Assignment.REFERENCE;
    private Evidence evidence = Evidence.NONE;
    private Posterior posterior;
    private GateAccount account = GateAccount.OPENED;
    private GateBudget budget;

    Round(World world, StudySettings settings) {
      this.world = world;
      this.settings = settings;
      this.run = new Run(world);
      this.play = new Play(world, settings);
      this.factors = world.factors();
      this.budget = new GateBudget(settings.gateEpisodes(), 0);
      this.posterior = EffectModel.fit(evidence, factors, 0, choices.effects());
    }

    Run.Outcome playAll() {
      for (int round = 0; round < settings.rounds(); round++) {
        int now = round;
        restsUntil.values().removeIf(until -> until <= now);
        Set<Lever> resting = new TreeSet<>(restsUntil.keySet());
        screen(round, resting);
        revert(round);
        posterior = EffectModel.fit(evidence, factors, round, choices.effects());
        if (round % COVERED == COVERED - 1) {
          cover();
        }
        new Bundler(choices.bundles())
            .choose(incumbent, factors, posterior, evidence, resting)
            .bundle()
            .ifPresent(bundle -> test(bundle, now));
        run.endRound(incumbent);
      }
      return run.outcome(incumbent);
    }

    private void screen(int round, Set<Lever> resting) {
      ScreenDesign design = new ScreenDesign(choices.screen());
      List<ScreenDesign.Share> shares = design.shares(incumbent, factors, posterior, resting);
      long seed = RandomStreams.derive(world.seed(), "round", round);
      List<Observation> observations = new ArrayList<>();
      for (StudyTask task : play.tasks(round)) {
        List<Assignment> arms =
            design.arms(incumbent, shares, settings.attempts(), seed, task.key());
        for (int attempt = 0; attempt < arms.size(); attempt++) {
          boolean success = play.train(task, arms.get(attempt), round, attempt);
          observations.add(
              new Observation(round, task.key(), task.cluster(), arms.get(attempt), success));
        }
      }
      run.trained(
          observations.size(), (int) observations.stream().filter(Observation::success).count());
      evidence = evidence.with(observations).since(round - choices.effects().memory() + 1);
    }

    private void revert(int round) {
      for (LeverWatch.Alarm alarm :
          new LeverWatch(choices.drift()).alarms(incumbent, factors, evidence, round)) {
        incumbent = incumbent.with(alarm.factor(), alarm.factor().reference());
        restsUntil.put(alarm.lever(), round + 1 + choices.rest());
        run.reverted();
      }
    }

    private void cover() {
      for (Factor factor : factors) {
        for (String level : factor.levels().subList(1, factor.levels().size())) {
          Assignment off = incumbent.with(factor, factor.reference());
          Assignment on = incumbent.with(factor, level);
          Effect effect = posterior.effect(off, on);
          run.coverage().overall(effect, run.truth().success(on) - run.truth().success(off));
          for (String cluster : posterior.clusters()) {
            run.coverage()
                .cluster(
                    posterior.effect(off, on, cluster),
                    run.truth().of(on).getOrDefault(cluster, 0.0)
                        - run.truth().of(off).getOrDefault(cluster, 0.0));
          }
        }
      }
    }

    private void test(Bundle bundle, int round) {
      int pairs = budget.pairs(round + 1);
      double level = account.nextLevel(choices.alpha());
      int discordant =
          (int) (2 * posterior.noise() * Math.min(pairs, choices.test().maximumPairs()));
      if (new MixtureBet(bundle.winShare()).power(discordant, level) < choices.power()) {
        return;
      }
      ClusterEffects sceptical =
          EffectModel.fit(evidence, factors, round, choices.sceptical())
              .effects(incumbent, bundle.candidate());
      BundleTest test = new BundleTest(choices.test(), sceptical, bundle.winShare(), level, pairs);
      BundleAnswer answer = test.next();
      while (answer instanceof BundleAnswer.Play(int tasks, SortedMap<String, Integer> extra)) {
        test.record(
            play.pairs(incumbent, bundle.candidate(), tasks),
            play.pairs(incumbent, bundle.candidate(), extra));
        answer = test.next();
      }
      int episodes = 2 * test.pairs().size();
      budget = budget.after(episodes);
      run.tested(episodes);
      learn(test.pairs(), bundle, round);
      posterior = EffectModel.fit(evidence, factors, round, choices.effects());
      boolean ships = answer instanceof BundleAnswer.Ship;
      account = account.afterTest(ships);
      if (ships) {
        run.shipped(incumbent, bundle.candidate());
        incumbent = bundle.candidate();
      } else if (answer instanceof BundleAnswer.Fork) {
        run.forked();
      }
    }

    /** Gate pairs are evidence like any other: a block of two attempts. */
    private void learn(List<PairOutcome> pairs, Bundle bundle, int round) {
      List<Observation> observations = new ArrayList<>();
      for (PairOutcome pair : pairs) {
        observations.add(
            new Observation(
                round,
                pair.task(),
                pair.cluster(),
                bundle.incumbent(),
                pair.incumbent() == PairOutcome.Outcome.SOLVED));
        observations.add(
            new Observation(
                round,
                pair.task(),
                pair.cluster(),
                bundle.candidate(),
                pair.candidate() == PairOutcome.Outcome.SOLVED));
      }
      evidence = evidence.with(observations);
    }
  }
}
