package dev.tandem.aegis.study;

import dev.tandem.aegis.drift.LeverWatch;
import dev.tandem.aegis.drift.LeverWatchSettings;
import dev.tandem.aegis.screen.Assignment;
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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A version with four levers has just shipped. Either one of them turns harmful, and it must be
 * taken out soon; or the version is exactly as good as the one before, and must be left alone.
 * Within-task correlation is 0.33.
 */
final class DriftStudy {
  private static final StudySettings SETTINGS = StudySettings.DEFAULTS;
  private static final int BEFORE = 4;

  private DriftStudy() {}

  /**
   * Rounds from the change until the watch takes the bad lever out; more than {@code most} if not.
   */
  static int roundsUntilReverted(long seed, double points, int most) {
    World good = world(seed, 4);
    World bad = world(seed, points);
    Watched watched = new Watched(good);
    for (int round = 0; round < BEFORE; round++) {
      watched.play(good, round);
    }
    Lever turned = new Lever("shipped1", "on");
    for (int i = 1; i <= most; i++) {
      int round = BEFORE + i - 1;
      watched.play(bad, round);
      if (watched.alarms(round).stream().anyMatch(alarm -> alarm.lever().equals(turned))) {
        return i;
      }
    }
    return most + 1;
  }

  /** Whether anything of a version whose levers do nothing is taken out within so many rounds. */
  static boolean revertsAnEqual(long seed, int rounds) {
    World world = world(seed, 0);
    Watched watched = new Watched(world);
    for (int round = 0; round < rounds; round++) {
      watched.play(world, round);
      if (!watched.alarms(round).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** The same for the CUSUM of the incumbent's episodes that concurrent controls replace. */
  static boolean cusumRevertsAnEqual(long seed, int rounds) {
    World world = world(seed, 0);
    Play play = new Play(world, SETTINGS);
    SuccessWatch watch = new SuccessWatch();
    for (int round = 0; round < BEFORE + rounds; round++) {
      if (round == BEFORE) {
        watch.shipped();
      }
      watch.fade();
      List<StudyTask> tasks = play.tasks(round);
      for (StudyTask task : tasks) {
        for (int attempt = 0; attempt < SETTINGS.attempts(); attempt++) {
          watch.watch(task, play.train(task, Assignment.REFERENCE, round, attempt));
        }
      }
      for (StudyTask task : tasks) {
        for (int attempt = 0; attempt < SETTINGS.attempts(); attempt++) {
          watch.learn(task, play.train(task, Assignment.REFERENCE, round, attempt));
        }
      }
      if (watch.alarms()) {
        return true;
      }
    }
    return false;
  }

  /** Four levers, the first worth so many points, and the others nothing. */
  private static World world(long seed, double points) {
    World bare = Profile.CONFINED.world(seed);
    List<Factor> factors = World.toggles("shipped", 4);
    return new World(
        seed,
        factors,
        bare.base(),
        bare.clusterEase(),
        Map.of(new Lever("shipped1", "on"), World.POINT * points),
        Map.of(),
        List.of(),
        List.of());
  }

  private static final class Watched {
    private final Play play;
    private final List<Factor> factors;
    private final Assignment incumbent;
    private final long seed;
    private Evidence evidence = Evidence.NONE;

    Watched(World world) {
      this.play = new Play(world, SETTINGS);
      this.factors = world.factors();
      this.seed = world.seed();
      Map<String, String> on = new TreeMap<>();
      factors.forEach(factor -> on.put(factor.id(), "on"));
      this.incumbent = new Assignment(new TreeMap<>(on));
    }

    void play(World world, int round) {
      ScreenDesign design = new ScreenDesign(ScreenSettings.DEFAULTS);
      Posterior posterior = EffectModel.fit(evidence, factors, round, EffectSettings.DEFAULTS);
      List<ScreenDesign.Share> shares = design.shares(incumbent, factors, posterior, Set.of());
      List<Observation> observations = new ArrayList<>();
      for (StudyTask task : play.tasks(round)) {
        List<Assignment> arms =
            design.arms(
                incumbent,
                shares,
                SETTINGS.attempts(),
                RandomStreams.derive(seed, "round", round),
                task.key());
        for (int attempt = 0; attempt < arms.size(); attempt++) {
          boolean success =
              RandomStreams.stream(task.seed(), "attempt", round, attempt).nextDouble()
                  < world.chance(task, arms.get(attempt));
          observations.add(
              new Observation(round, task.key(), task.cluster(), arms.get(attempt), success));
        }
      }
      evidence = evidence.with(observations);
    }

    List<LeverWatch.Alarm> alarms(int round) {
      return new LeverWatch(LeverWatchSettings.DEFAULTS)
          .alarms(incumbent, factors, evidence, round);
    }
  }
}
