package dev.tandem.trainer.learning;

import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Turn;
import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.grpo.Advantages;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.RewardedTrajectory;
import dev.tandem.trainer.model.runtime.TrainRecord;
import dev.tandem.trainer.recipe.Lag;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What trajectories have to teach: the one place that says which tokens are trained on.
 *
 * <ul>
 *   <li>An episode that failed for reasons outside the agent is in no group and teaches nothing.
 *   <li>A response that a processor turned down earns what {@link
 *       dev.tandem.trainer.grpo.DiscardedTurns} says.
 *   <li>An episode that a limit cut off, where the recipe excludes those, counts in its group
 *       alone.
 *   <li>A token that was the only one allowed was no choice: it carries no loss and no weight.
 *   <li>A group of equal rewards teaches nothing unless steps have credit of their own, or a KL
 *       penalty or an entropy bonus pulls.
 * </ul>
 *
 * @param signal turns with an advantage
 * @param silent turns without, for KL penalty and entropy bonus alone; empty without either
 * @param groups how many groups there are
 * @param filteredGroups how many of them have no signal
 * @param overlong how many episodes were penalised or excluded for their length
 * @param stepCredit share of the turns with an advantage of their own; null where none can have one
 */
record Lessons(
    List<Lesson> signal,
    List<Lesson> silent,
    int groups,
    int filteredGroups,
    int overlong,
    @Nullable Double stepCredit) {

  /**
   * @param round whose trajectories are fresh
   * @param lag of the weights that played them
   */
  static Lessons of(
      int round,
      Lag lag,
      List<Trajectory> buffer,
      GrpoSettings grpo,
      Overlong overlong,
      BehaviourScores scores,
      Kernels kernels) {
    List<Trajectory> judged = judged(buffer);
    List<RewardedTrajectory> rewarded = overlong.rewarded(judged);
    Advantages advantages = Advantages.compute(rewarded, grpo.advantage(), kernels);
    TurnCredit credit = TurnCredit.of(judged, rewarded, grpo, kernels);
    List<Lesson> signal = new ArrayList<>();
    List<Lesson> silent = new ArrayList<>();
    for (int i = 0; i < judged.size(); i++) {
      if (overlong.excludes(judged.get(i))) {
        continue;
      }
      double[] byTurn = byTurn(judged.get(i), advantages.values()[i], credit.byTurn()[i], grpo);
      int staleness = lag.staleness(round, judged.get(i).round());
      boolean fresh = judged.get(i).round() == round;
      for (Lesson lesson : lessons(fresh, staleness, judged.get(i), i, byTurn, grpo, scores)) {
        (lesson.hasSignal() ? signal : silent).add(lesson);
      }
    }
    return new Lessons(
        signal,
        silent,
        advantages.groups(),
        advantages.groupsWithoutSignal(),
        (int) judged.stream().filter(overlong::concerns).count(),
        credit.share());
  }

  static List<Trajectory> judged(List<Trajectory> played) {
    return played.stream().filter(one -> !one.episode().exitReason().isInfrastructure()).toList();
  }

  private static double[] byTurn(
      Trajectory trajectory, double ofEpisode, double[] credit, GrpoSettings grpo) {
    List<Turn> turns = trajectory.episode().turns();
    double[] advantages = new double[turns.size()];
    for (int turn = 0; turn < advantages.length; turn++) {
      advantages[turn] =
          turns.get(turn).discarded()
              ? grpo.discarded().advantage(ofEpisode)
              : ofEpisode + credit[turn];
    }
    return advantages;
  }

  private static List<Lesson> lessons(
      boolean fresh,
      int staleness,
      Trajectory trajectory,
      int number,
      double[] byTurn,
      GrpoSettings grpo,
      BehaviourScores scores) {
    List<Lesson> lessons = new ArrayList<>();
    List<Turn> turns = trajectory.episode().turns();
    for (int turn = 0; turn < turns.size(); turn++) {
      TokenTrace tokens = turns.get(turn).tokens();
      boolean[] mask = choices(tokens);
      if (!any(mask) || (byTurn[turn] == 0 && !grpo.learnsFromSilence())) {
        continue;
      }
      BehaviourScores.Scores behaviour = scores.of(trajectory, turn);
      lessons.add(
          new Lesson(
              "%s turn %d".formatted(trajectory.id(), turn),
              number,
              staleness,
              record(tokens),
              behaviour.logProbs(),
              behaviour.importance(),
              fresh && (staleness == 0 || scores.corrects()) ? behaviour.sampled() : null,
              mask,
              byTurn[turn]));
    }
    return lessons;
  }

  static TrainRecord record(TokenTrace tokens) {
    return new TrainRecord(tokens.prompt(), tokens.response(), tokens.allowed());
  }

  private static boolean[] choices(TokenTrace tokens) {
    boolean[] mask = new boolean[tokens.responseLength()];
    for (int token = 0; token < mask.length; token++) {
      mask[token] = tokens.isChosen(token);
    }
    return mask;
  }

  private static boolean any(boolean[] mask) {
    for (boolean one : mask) {
      if (one) {
        return true;
      }
    }
    return false;
  }

  /** Those with a signal first. */
  List<Lesson> all() {
    List<Lesson> all = new ArrayList<>(signal);
    all.addAll(silent);
    return all;
  }
}
