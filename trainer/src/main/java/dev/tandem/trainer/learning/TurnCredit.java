package dev.tandem.trainer.learning;

import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.run.Turn;
import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.grpo.Advantages;
import dev.tandem.trainer.grpo.AnchoredStep;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.RewardedTrajectory;
import dev.tandem.trainer.grpo.StepCredit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What turns have earned by themselves: their steps' advantages over others that began in the same
 * state, times their weight. A response that was turned down has led to no step.
 *
 * @param byTurn {@code [trajectories][turns]}
 * @param share of the turns with one; null where steps have no credit of their own
 */
@SuppressWarnings("ArrayRecordComponent") // lives within one call
record TurnCredit(double[][] byTurn, @Nullable Double share) {

  /** A turn among those of its trajectory. */
  private record Place(int trajectory, int turn) {}

  /**
   * @param rewarded {@code [trajectories]} in the same order
   */
  static TurnCredit of(
      List<Trajectory> trajectories,
      List<RewardedTrajectory> rewarded,
      GrpoSettings grpo,
      Kernels kernels) {
    double[][] byTurn =
        trajectories.stream()
            .map(trajectory -> new double[trajectory.episode().turns().size()])
            .toArray(double[][]::new);
    return switch (grpo.stepCredit()) {
      case StepCredit.Off _ -> new TurnCredit(byTurn, null);
      case StepCredit.Anchors anchors -> {
        List<Place> places = new ArrayList<>();
        List<AnchoredStep> steps = new ArrayList<>();
        for (int i = 0; i < byTurn.length; i++) {
          anchor(i, trajectories.get(i).episode(), places, steps);
        }
        double[] advantages =
            Advantages.ofSteps(steps, rewarded, anchors, grpo.advantage(), kernels);
        long with = 0;
        for (int i = 0; i < advantages.length; i++) {
          Place place = places.get(i);
          byTurn[place.trajectory][place.turn] = anchors.weight() * advantages[i];
          with += advantages[i] == 0 ? 0 : 1;
        }
        yield new TurnCredit(byTurn, with / Math.max(1.0, advantages.length));
      }
    };
  }

  /** Of the actions of one response the first tells the state that the model saw. */
  private static void anchor(
      int trajectory, Episode episode, List<Place> places, List<AnchoredStep> steps) {
    Map<Integer, String> states = new HashMap<>();
    episode.steps().forEach(step -> states.putIfAbsent(step.index(), step.stateHash()));
    int last = episode.steps().stream().mapToInt(Step::index).max().orElse(0);
    List<Turn> turns = episode.turns();
    for (int turn = 0; turn < turns.size(); turn++) {
      int step = turns.get(turn).step();
      String state = states.getOrDefault(step, "");
      if (!turns.get(turn).discarded() && !state.isEmpty()) {
        places.add(new Place(trajectory, turn));
        steps.add(new AnchoredStep(trajectory, state, last - step));
      }
    }
  }
}
