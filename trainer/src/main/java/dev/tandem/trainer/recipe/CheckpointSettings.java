package dev.tandem.trainer.recipe;

/**
 * Which of a run's checkpoints stay; the first always does. None of it changes what is learnt.
 *
 * @param keepLast how many of the newest rounds
 * @param keepBest whether also the one that did best where rounds are measured anyway: at the gate,
 *     or in a mode without one in the next round's train episodes, never on the sealed split
 */
public record CheckpointSettings(int keepLast, boolean keepBest) {
  public static final CheckpointSettings DEFAULTS = new CheckpointSettings(2, true);

  public CheckpointSettings {
    Require.atLeast("keep_last", keepLast, 1);
  }
}
