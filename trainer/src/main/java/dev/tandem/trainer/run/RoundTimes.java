package dev.tandem.trainer.run;

/**
 * Where a round's time went, in seconds, and what that makes in tokens.
 *
 * @param sampleTokensPerSecond response tokens sampled for training per second of rollout
 * @param trainTokensPerSecond response tokens learnt from per second of training
 */
public record RoundTimes(
    double rolloutSeconds,
    double aegisSeconds,
    double trainSeconds,
    double sampleTokensPerSecond,
    double trainTokensPerSecond) {

  public static RoundTimes of(
      double rolloutSeconds,
      double aegisSeconds,
      double trainSeconds,
      long sampledTokens,
      long trainedTokens) {
    return new RoundTimes(
        rolloutSeconds,
        aegisSeconds,
        trainSeconds,
        sampledTokens / Math.max(1e-9, rolloutSeconds),
        trainedTokens / Math.max(1e-9, trainSeconds));
  }
}
