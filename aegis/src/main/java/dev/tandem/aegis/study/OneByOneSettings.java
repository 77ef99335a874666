package dev.tandem.aegis.study;

import dev.tandem.aegis.gate.Seesaw;

/**
 * What the gate of the schemes before this one asks of an edit.
 *
 * @param seesaw the rule
 * @param batch pairs of episodes played between two looks, at least 1
 * @param maximumPairs most pairs of episodes of one test, at least a batch
 * @param alpha bound on the share of useless edits among the shipped ones over a whole run, in (0,
 *     1)
 * @param inferiorityAlpha chance of calling any task category worse that is not, per test, in (0,
 *     1)
 * @param futility a test stops when its chance of still showing a gain falls below this, in [0, 1)
 * @param strictTasks tasks that the strict rule plays, at least 1
 */
record OneByOneSettings(
    Seesaw seesaw,
    int batch,
    int maximumPairs,
    double alpha,
    double inferiorityAlpha,
    double futility,
    int strictTasks) {
  static final OneByOneSettings DEFAULTS =
      new OneByOneSettings(Seesaw.SEQUENTIAL, 48, 192, 0.2, 0.1, 0.02, 76);

  OneByOneSettings {
    if (batch < 1) {
      throw new IllegalArgumentException("gate batch must be at least 1, was " + batch);
    }
    if (maximumPairs < batch) {
      throw new IllegalArgumentException(
          "gate maximum_pairs must be at least the batch of %d, was %d"
              .formatted(batch, maximumPairs));
    }
    if (!(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException("gate alpha must be between 0 and 1, was " + alpha);
    }
    if (!(inferiorityAlpha > 0 && inferiorityAlpha < 1)) {
      throw new IllegalArgumentException(
          "gate inferiority_alpha must be between 0 and 1, was " + inferiorityAlpha);
    }
    if (!(futility >= 0 && futility < 1)) {
      throw new IllegalArgumentException(
          "gate futility must be at least 0 and below 1, was " + futility);
    }
    if (strictTasks < 1) {
      throw new IllegalArgumentException(
          "gate strict_tasks must be at least 1, was " + strictTasks);
    }
  }
}
