package dev.tandem.trainer.run;

/**
 * Where a round's time went, in seconds, and what that makes in tokens.
 *
 * @param trainSeconds training, which is scoring and updates
 * @param scoreSeconds log-probabilities that no update needed: the behaviour policy's and the
 *     distance to the reference
 * @param updateSeconds optimiser steps, forward and backward passes included
 * @param evaluationSeconds episodes on the sealed split
 * @param sampleTokensPerSecond response tokens sampled for training per second of rollout
 * @param trainTokensPerSecond response tokens learnt from per second of training
 */
public record RoundTimes(
    double rolloutSeconds,
    double aegisSeconds,
    double trainSeconds,
    double scoreSeconds,
    double updateSeconds,
    double evaluationSeconds,
    double sampleTokensPerSecond,
    double trainTokensPerSecond) {

  public static RoundTimes of(
      double rolloutSeconds,
      double aegisSeconds,
      double trainSeconds,
      double updateSeconds,
      double evaluationSeconds,
      long sampledTokens,
      long trainedTokens) {
    return new RoundTimes(
        rolloutSeconds,
        aegisSeconds,
        trainSeconds,
        Math.max(0, trainSeconds - updateSeconds),
        updateSeconds,
        evaluationSeconds,
        sampledTokens / Math.max(1e-9, rolloutSeconds),
        trainedTokens / Math.max(1e-9, trainSeconds));
  }
}
