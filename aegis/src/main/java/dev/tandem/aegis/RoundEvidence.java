package dev.tandem.aegis;

import dev.tandem.rollout.run.RolloutResult;

/**
 * What a round of training leaves for evolution.
 *
 * @param round its number, later than that of any round before
 * @param plan which harness each episode ran under
 * @param played what became of the episodes
 * @param seed every random stream is derived from it by name
 */
public record RoundEvidence(int round, RoundPlan plan, RolloutResult played, long seed) {}
