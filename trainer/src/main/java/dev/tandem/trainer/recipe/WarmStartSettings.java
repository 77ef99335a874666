package dev.tandem.trainer.recipe;

import dev.tandem.trainer.model.learn.AdamWSettings;
import dev.tandem.trainer.model.learn.MuonSettings;
import dev.tandem.trainer.model.learn.UpdateRule;

/**
 * Behaviour cloning before the first round, of an environment's expert or of conversations in a
 * file.
 *
 * @param chats conversations in the expert's place; episodes, noise, plain share and prompt tokens
 *     then have no say
 * @param episodes expert episodes, on train tasks that rollouts do not play
 * @param noise share of steps at which another admissible command is carried out, in [0, 1)
 * @param plainShare share of episodes shown through the configured harness itself
 * @param promptTokens longest prompt to learn from
 * @param passes times over all tasks, with other mishaps and harnesses each time; twice as many
 *     show what more cloning is worth
 * @param batch lessons, or conversations, in one optimiser step
 * @param heldOut share of the episodes or conversations that is not learned from and tells when to
 *     stop
 * @param worldWeight what a token counts that a user or a tool says, where one of the assistant's
 *     counts 1: above 0 the model learns to foresee the world, too
 * @param optimiser of the cloning only; Muon learns more in a step than AdamW on a fresh decoder
 */
public record WarmStartSettings(
    ChatSettings chats,
    int episodes,
    double noise,
    double plainShare,
    int promptTokens,
    int passes,
    int batch,
    double heldOut,
    double worldWeight,
    Rule optimiser,
    double learningRate,
    double weightDecay,
    double maxGradNorm) {
  public static final WarmStartSettings DEFAULTS =
      new WarmStartSettings(2000, 0.15, 0.15, 256, 2, 32, Rule.MUON, 3e-3, 0.01, 1.0);

  /** Which optimiser clones. */
  public enum Rule {
    ADAMW,
    MUON;

    /** The rule with AdamW's constants, for what it leaves to AdamW. */
    public UpdateRule with(AdamWSettings adamW) {
      return switch (this) {
        case ADAMW -> adamW;
        case MUON -> MuonSettings.with(adamW);
      };
    }
  }

  /** Of the expert's answers alone, a tenth of its episodes held out. */
  public WarmStartSettings(
      int episodes,
      double noise,
      double plainShare,
      int promptTokens,
      int passes,
      int batch,
      Rule optimiser,
      double learningRate,
      double weightDecay,
      double maxGradNorm) {
    this(
        ChatSettings.NONE,
        episodes,
        noise,
        plainShare,
        promptTokens,
        passes,
        batch,
        /* heldOut= */ 0.1,
        /* worldWeight= */ 0,
        optimiser,
        learningRate,
        weightDecay,
        maxGradNorm);
  }

  public WarmStartSettings {
    Require.atLeast("episodes", episodes, 2);
    Require.within("noise", noise, 0, 0.9);
    Require.within("plain_share", plainShare, 0, 1);
    Require.atLeast("prompt_tokens", promptTokens, 1);
    Require.atLeast("passes", passes, 1);
    Require.atLeast("batch", batch, 1);
    Require.within("held_out", heldOut, 1e-6, 0.9);
    Require.within("world_weight", worldWeight, 0, 100);
    Require.within("learning_rate", learningRate, 1e-8, 1);
    Require.within("weight_decay", weightDecay, 0, 1);
    Require.within("max_grad_norm", maxGradNorm, 1e-6, 1e6);
  }

  /** How many of so many are held out: at least one. */
  public int heldOutOf(int all) {
    return Math.max(1, (int) Math.ceil(all * heldOut - 1e-9));
  }

  /** The same with other conversations. */
  public WarmStartSettings with(ChatSettings others) {
    return new WarmStartSettings(
        others,
        episodes,
        noise,
        plainShare,
        promptTokens,
        passes,
        batch,
        heldOut,
        worldWeight,
        optimiser,
        learningRate,
        weightDecay,
        maxGradNorm);
  }
}
