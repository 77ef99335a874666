package dev.tandem.trainer.learning;

import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Turn;
import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.grpo.Advantages;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.RewardedTrajectory;
import dev.tandem.trainer.model.runtime.TrainRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * What trajectories have to teach: the one place that says which tokens are trained on.
 *
 * <ul>
 *   <li>An episode that failed for reasons outside the agent is in no group and teaches nothing.
 *   <li>A response that a processor turned down earns what {@link
 *       dev.tandem.trainer.grpo.DiscardedTurns} says.
 *   <li>A token that was the only one allowed was no choice: it carries no loss and no weight.
 *   <li>A group of equal rewards teaches nothing unless a KL penalty pulls.
 * </ul>
 *
 * @param signal turns with an advantage
 * @param silent turns without, for the KL penalty alone; empty without one
 * @param zeroVarianceGroups share of groups without a signal
 */
record Lessons(List<Lesson> signal, List<Lesson> silent, double zeroVarianceGroups) {

  static Lessons of(
      List<Trajectory> buffer, GrpoSettings grpo, BehaviourScores scores, Kernels kernels) {
    List<Trajectory> judged =
        buffer.stream()
            .filter(trajectory -> !trajectory.episode().exitReason().isInfrastructure())
            .toList();
    Advantages advantages =
        Advantages.compute(
            judged.stream()
                .map(
                    trajectory ->
                        new RewardedTrajectory(
                            trajectory.task().key(), trajectory.harnessHash(), trajectory.reward()))
                .toList(),
            grpo.advantage(),
            kernels);
    List<Lesson> signal = new ArrayList<>();
    List<Lesson> silent = new ArrayList<>();
    for (int i = 0; i < judged.size(); i++) {
      for (Lesson lesson : lessons(judged.get(i), i, advantages.values()[i], grpo, scores)) {
        (lesson.hasSignal() ? signal : silent).add(lesson);
      }
    }
    return new Lessons(signal, silent, advantages.zeroVarianceFraction());
  }

  private static List<Lesson> lessons(
      Trajectory trajectory,
      int number,
      double ofEpisode,
      GrpoSettings grpo,
      BehaviourScores scores) {
    List<Lesson> lessons = new ArrayList<>();
    List<Turn> turns = trajectory.episode().turns();
    for (int turn = 0; turn < turns.size(); turn++) {
      TokenTrace tokens = turns.get(turn).tokens();
      boolean[] mask = choices(tokens);
      double advantage =
          turns.get(turn).discarded() ? grpo.discarded().advantage(ofEpisode) : ofEpisode;
      if (!any(mask) || (advantage == 0 && !grpo.kl().pulls())) {
        continue;
      }
      BehaviourScores.Scores behaviour = scores.of(trajectory, turn);
      lessons.add(
          new Lesson(
              "%s turn %d".formatted(trajectory.id(), turn),
              number,
              record(tokens),
              behaviour.logProbs(),
              behaviour.importance(),
              mask,
              advantage));
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
