package dev.tandem.aegis.screen;

/**
 * One episode that was judged.
 *
 * @param task key of the task; attempts at one task in one round form a block
 * @param cluster what kind of task it is
 * @param arm the harness version that played
 */
public record Observation(
    int round, String task, String cluster, Assignment arm, boolean success) {}
