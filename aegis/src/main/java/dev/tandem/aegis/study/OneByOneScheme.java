package dev.tandem.aegis.study;

import dev.tandem.aegis.gate.Seesaw;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.commons.math3.special.Beta;
import org.jspecify.annotations.Nullable;

/**
 * One challenger a round on half of the episodes, drawn from the changes not tried lately; if it
 * does not look worse, it goes to the gate alone.
 */
final class OneByOneScheme implements Scheme {
  private static final double ENDORSEMENT = 0.25;
  private static final int COOLDOWN = 4;

  private final Seesaw seesaw;

  OneByOneScheme(Seesaw seesaw) {
    this.seesaw = seesaw;
  }

  @Override
  public Run.Outcome play(World world, StudySettings settings) {
    Run run = new Run(world);
    Play play = new Play(world, settings);
    OneByOneGate gate = new OneByOneGate(seesaw, play);
    SplittableRandom random = RandomStreams.stream(world.seed(), "challengers");
    Map<Assignment, Integer> tried = new HashMap<>();
    SuccessWatch watch = new SuccessWatch();
    Assignment before = Assignment.REFERENCE;
    Assignment incumbent = Assignment.REFERENCE;
    @Nullable Assignment challenger = null;
    for (int round = 0; round < settings.rounds(); round++) {
      Assignment rival = challenger == null ? incumbent : challenger;
      boolean endorsed = endorses(run, play, watch, incumbent, rival, round, settings);
      challenger = null;
      if (watch.alarms()) {
        incumbent = before;
        watch.reverted();
        run.reverted();
      } else {
        if (!rival.equals(incumbent) && endorsed) {
          OneByOneGate.Ruling ruling = gate.judge(incumbent, rival);
          run.tested(ruling.episodes());
          if (ruling.ships()) {
            run.shipped(incumbent, rival);
            before = incumbent;
            incumbent = rival;
            watch.shipped();
          }
        }
        challenger = draw(world, incumbent, tried, round, random);
      }
      run.endRound(incumbent);
    }
    return run.outcome(incumbent);
  }

  /** Plays a round; whether the rival does not look worse. */
  private static boolean endorses(
      Run run,
      Play play,
      SuccessWatch watch,
      Assignment incumbent,
      Assignment rival,
      int round,
      StudySettings settings) {
    int wins = 0;
    int losses = 0;
    int solved = 0;
    watch.fade();
    int half = settings.attempts() / 2;
    List<StudyTask> tasks = play.tasks(round);
    List<int[]> results = new ArrayList<>();
    for (StudyTask task : tasks) {
      int[] successes = new int[2];
      for (int attempt = 0; attempt < settings.attempts(); attempt++) {
        boolean own = attempt < half || rival.equals(incumbent);
        boolean success = play.train(task, own ? incumbent : rival, round, attempt);
        successes[attempt < half ? 0 : 1] += success ? 1 : 0;
        solved += success ? 1 : 0;
        if (own) {
          watch.watch(task, success);
        }
      }
      results.add(successes);
      wins += successes[1] > successes[0] ? 1 : 0;
      losses += successes[1] < successes[0] ? 1 : 0;
    }
    for (int i = 0; i < tasks.size(); i++) {
      for (int attempt = 0; attempt < half; attempt++) {
        watch.learn(tasks.get(i), attempt < results.get(i)[0]);
      }
    }
    run.trained(tasks.size() * settings.attempts(), solved);
    return 1 - Beta.regularizedBeta(0.5, wins + 1.0, losses + 1.0) >= ENDORSEMENT;
  }

  private static Assignment draw(
      World world,
      Assignment incumbent,
      Map<Assignment, Integer> tried,
      int round,
      SplittableRandom random) {
    List<Assignment> open = new ArrayList<>();
    for (Factor factor : world.factors()) {
      for (String level : factor.levels()) {
        Assignment one = incumbent.with(factor, level);
        if (!one.equals(incumbent) && round - tried.getOrDefault(one, -99) > COOLDOWN) {
          open.add(one);
        }
      }
    }
    Assignment drawn = open.isEmpty() ? incumbent : open.get(random.nextInt(open.size()));
    tried.put(drawn, round);
    return drawn;
  }
}
