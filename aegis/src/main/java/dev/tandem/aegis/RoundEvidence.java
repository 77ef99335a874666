package dev.tandem.aegis;

import dev.tandem.rollout.Trajectory;
import java.util.List;

/**
 * What a round of training leaves for evolution.
 *
 * @param round its number, later than that of any round before
 * @param train the round's episodes on the train split, under the incumbent and, if there is one,
 *     the challenger; their harness hashes tell them apart
 * @param seed the run's seed: every random stream is derived from it by name and round
 */
public record RoundEvidence(int round, List<Trajectory> train, long seed) {
  public RoundEvidence {
    train = List.copyOf(train);
  }
}
