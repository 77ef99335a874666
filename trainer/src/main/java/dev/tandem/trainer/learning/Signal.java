package dev.tandem.trainer.learning;

import dev.tandem.kernels.Kernels;
import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.grpo.Advantages;
import dev.tandem.trainer.grpo.GrpoSettings;
import java.util.List;

/** Whether there is anything to learn, before it is learnt from. */
public final class Signal {
  private Signal() {}

  /**
   * How many groups of these trajectories have members that earned differently.
   *
   * @param episodeTokens tokens that an episode may spend
   */
  public static int groups(
      List<Trajectory> trajectories, GrpoSettings grpo, long episodeTokens, Kernels kernels) {
    Overlong overlong = new Overlong(grpo.overlong(), episodeTokens);
    Advantages advantages =
        Advantages.compute(
            overlong.rewarded(Lessons.judged(trajectories)), grpo.advantage(), kernels);
    return advantages.groups() - advantages.groupsWithoutSignal();
  }
}
