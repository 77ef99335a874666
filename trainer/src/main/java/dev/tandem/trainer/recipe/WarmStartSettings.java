package dev.tandem.trainer.recipe;

/**
 * Behaviour cloning before the first round.
 *
 * @param episodes expert episodes, on train tasks that rollouts do not play; a tenth is held out
 * @param noise share of steps at which another admissible command is carried out, in [0, 1)
 * @param plainShare share of episodes shown through the configured harness itself
 * @param promptTokens longest prompt to learn from
 * @param passes most times over all episodes; it ends before when the held-out loss stops falling
 * @param leastPasses passes at the full learning rate before it is asked whether the held-out loss
 *     still falls, from 1 to {@code passes}; many of them show what more cloning is worth
 * @param batch lessons in one optimiser step
 */
public record WarmStartSettings(
    int episodes,
    double noise,
    double plainShare,
    int promptTokens,
    int passes,
    int leastPasses,
    int batch,
    double learningRate,
    double weightDecay,
    double maxGradNorm) {
  public static final WarmStartSettings DEFAULTS =
      new WarmStartSettings(2000, 0.15, 0.15, 256, 10, 1, 32, 3e-3, 0.01, 1.0);

  public WarmStartSettings {
    Require.atLeast("episodes", episodes, 2);
    Require.within("noise", noise, 0, 0.9);
    Require.within("plain_share", plainShare, 0, 1);
    Require.atLeast("prompt_tokens", promptTokens, 1);
    Require.atLeast("passes", passes, 1);
    Require.within("least_passes", leastPasses, 1, passes);
    Require.atLeast("batch", batch, 1);
    Require.within("learning_rate", learningRate, 1e-8, 1);
    Require.within("weight_decay", weightDecay, 0, 1);
    Require.within("max_grad_norm", maxGradNorm, 1e-6, 1e6);
  }
}
