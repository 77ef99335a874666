package dev.tandem.trainer.learning;

import dev.tandem.trainer.model.runtime.TrainRecord;
import org.jspecify.annotations.Nullable;

/**
 * A turn to learn from.
 *
 * @param name for whoever looks for the turn, such as {@code r0003-00042 turn 5}
 * @param trajectory number of its trajectory
 * @param staleness rounds of learning since the weights that sampled it
 * @param behaviour {@code [tokens]} log-probabilities under the weights that sampled
 * @param importance {@code [tokens]} weights between sampler and trainer; all 1 without a
 *     correction
 * @param sampled {@code [tokens]} log-probabilities that the sampler told, where the trainer's
 *     under the same weights are known: the policy's, as long as nothing was learnt since, or the
 *     behaviour's; else null
 * @param mask {@code [tokens]} where the model had a choice
 * @param advantage of the trajectory; 0 in a group without a signal
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never exposed
record Lesson(
    String name,
    int trajectory,
    int staleness,
    TrainRecord record,
    double[] behaviour,
    double[] importance,
    double @Nullable [] sampled,
    boolean[] mask,
    double advantage) {

  /** Response tokens, masked ones included. */
  int tokens() {
    return mask.length;
  }

  /** Response tokens that are trained on. */
  int trainedTokens() {
    int trained = 0;
    for (boolean one : mask) {
      trained += one ? 1 : 0;
    }
    return trained;
  }

  /**
   * By how many nats sampler and trainer disagree about a token under the same weights; only where
   * {@link #sampled} is.
   *
   * @param now the policy's log-probability
   */
  double gap(int token, double now) {
    double ours = staleness == 0 ? now : behaviour[token];
    return sampled == null ? 0 : Math.abs(sampled[token] - ours);
  }

  boolean hasSignal() {
    return advantage != 0;
  }

  /**
   * The sequence that it is a part of, where those are trajectories. The turns without an advantage
   * are one of their own: what only penalty and bonus are about changes no average, and no ratio,
   * of the others.
   */
  int sequence() {
    return hasSignal() ? trajectory : -1 - trajectory;
  }
}
