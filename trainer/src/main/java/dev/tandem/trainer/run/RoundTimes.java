package dev.tandem.trainer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Where a round's time went, in seconds, and what that makes in tokens.
 *
 * @param rolloutSeconds playing the round's train episodes, or waiting for those that are played
 *     beside the learning of the round before
 * @param overlappedSeconds for how long they were played beside it already; null without a lag
 * @param trainSeconds training, which is scoring and updates
 * @param scoreSeconds log-probabilities that no update needed: the behaviour policy's and the
 *     distance to the reference
 * @param updateSeconds optimiser steps, forward and backward passes included
 * @param evaluationSeconds episodes on the sealed split
 * @param sampleTokensPerSecond response tokens sampled for training per second of rollout
 * @param trainTokensPerSecond response tokens learnt from per second of training
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RoundTimes(
    double rolloutSeconds,
    @Nullable Double overlappedSeconds,
    double aegisSeconds,
    double trainSeconds,
    double scoreSeconds,
    double updateSeconds,
    double evaluationSeconds,
    double sampleTokensPerSecond,
    double trainTokensPerSecond) {

  public static RoundTimes of(
      double rolloutSeconds,
      @Nullable Double overlappedSeconds,
      double aegisSeconds,
      double trainSeconds,
      double updateSeconds,
      double evaluationSeconds,
      long sampledTokens,
      long trainedTokens) {
    double playing = rolloutSeconds + (overlappedSeconds == null ? 0 : overlappedSeconds);
    return new RoundTimes(
        rolloutSeconds,
        overlappedSeconds,
        aegisSeconds,
        trainSeconds,
        Math.max(0, trainSeconds - updateSeconds),
        updateSeconds,
        evaluationSeconds,
        sampledTokens / Math.max(1e-9, playing),
        trainedTokens / Math.max(1e-9, trainSeconds));
  }
}
