package dev.tandem.rollout;

import dev.tandem.harness.Harness;

/**
 * An episode to be run.
 *
 * @param id becomes the trajectory's
 */
public record EpisodePlan(String id, int round, TaskSpec task, Harness harness, long seed) {}
