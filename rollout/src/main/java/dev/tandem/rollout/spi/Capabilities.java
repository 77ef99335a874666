package dev.tandem.rollout.spi;

/**
 * What a family's environments can do. Nothing may rely on what is not declared.
 *
 * @param replayable the same actions lead to the same observations and verdict
 * @param snapshots {@link Environment#snapshot} and {@link Environment#restore} work
 * @param stateHash the state's hash is told
 * @param admissibleActions observations tell which commands would be carried out
 * @param instant it answers at once, so that nobody need wait for it in wall time
 */
public record Capabilities(
    boolean replayable,
    boolean snapshots,
    boolean stateHash,
    boolean admissibleActions,
    boolean instant) {
  /** Nothing is promised: a remote or random world. */
  public static final Capabilities NONE = new Capabilities(false, false, false, false, false);

  /** Everything: a small deterministic simulation. */
  public static final Capabilities ALL = new Capabilities(true, true, true, true, true);
}
