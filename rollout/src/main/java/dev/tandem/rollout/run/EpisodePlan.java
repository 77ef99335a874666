package dev.tandem.rollout.run;

import dev.tandem.harness.Harness;
import dev.tandem.rollout.TaskSpec;

/**
 * An episode to be run.
 *
 * @param id becomes the trajectory's
 */
public record EpisodePlan(String id, int round, TaskSpec task, Harness harness, long seed) {}
