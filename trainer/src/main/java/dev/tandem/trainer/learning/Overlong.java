package dev.tandem.trainer.learning;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.run.ModelSpending;
import dev.tandem.rollout.Trajectory;
import dev.tandem.trainer.grpo.OverlongShaping;
import dev.tandem.trainer.grpo.RewardedTrajectory;
import java.util.List;

/**
 * What length costs an episode.
 *
 * @param shaping the recipe's choice
 * @param tokenLimit tokens that an episode may spend; its steps are limited by its task
 */
record Overlong(OverlongShaping shaping, long tokenLimit) {

  /** What advantages are computed from, in the same order. */
  List<RewardedTrajectory> rewarded(List<Trajectory> trajectories) {
    return trajectories.stream()
        .map(one -> new RewardedTrajectory(one.task().key(), one.harnessHash(), reward(one)))
        .toList();
  }

  /** The reward that advantages are computed from. */
  double reward(Trajectory trajectory) {
    return switch (shaping) {
      case OverlongShaping.Off _, OverlongShaping.Excluded _ -> trajectory.reward();
      case OverlongShaping.Penalty penalty -> trajectory.reward() - lost(trajectory, penalty);
    };
  }

  /** Whether an episode is not trained on. */
  boolean excludes(Trajectory trajectory) {
    return switch (shaping) {
      case OverlongShaping.Off _, OverlongShaping.Penalty _ -> false;
      case OverlongShaping.Excluded _ -> isTruncated(trajectory.episode().exitReason());
    };
  }

  /** Whether an episode's length had any consequence. */
  boolean concerns(Trajectory trajectory) {
    return excludes(trajectory) || reward(trajectory) != trajectory.reward();
  }

  private double lost(Trajectory trajectory, OverlongShaping.Penalty penalty) {
    return switch (penalty.measure()) {
      case STEPS -> penalty.of(trajectory.episode().steps().size(), trajectory.task().stepLimit());
      case TOKENS -> penalty.of(tokens(trajectory), tokenLimit);
    };
  }

  /** As the budget counts them, over models of all roles. */
  private static long tokens(Trajectory trajectory) {
    return trajectory.episode().spending().values().stream()
        .map(ModelSpending::usage)
        .mapToLong(Overlong::tokens)
        .sum();
  }

  private static long tokens(Model.Usage usage) {
    return usage.promptTokens() + usage.responseTokens();
  }

  private static boolean isTruncated(ExitReason reason) {
    return switch (reason) {
      case STEP_BUDGET, TOKEN_BUDGET, WALL_TIME_BUDGET, MONEY_BUDGET, CONTEXT_OVERFLOW -> true;
      case FINISHED,
          INTERRUPTED,
          MODEL_FAILURE,
          ENVIRONMENT_FAILURE,
          CONTRACT_BREACH,
          CODE_FAILURE,
          PROCESSOR_FAILURE,
          TOOL_FAILURE,
          VERIFIER_FAILURE ->
          false;
    };
  }
}
