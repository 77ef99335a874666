package dev.tandem.harness;

/**
 * One action of an episode.
 *
 * @param index step of the episode it belongs to, from 0, as in {@link Turn#step}; the actions of a
 *     split tool call share it
 * @param before what the agent saw
 * @param stateHash the environment's state before the action
 * @param action the command, after all processors
 * @param executed whether the environment was asked to carry it out (false: a processor blocked it)
 * @param after what the environment showed then
 */
public record Step(
    int index,
    Observation before,
    String stateHash,
    String action,
    boolean executed,
    Observation after) {}
