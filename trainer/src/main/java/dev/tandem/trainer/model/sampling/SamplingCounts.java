package dev.tandem.trainer.model.sampling;

/**
 * What a session has done.
 *
 * @param requests how many have ended
 * @param promptTokens tokens of all prompts that have joined a batch
 * @param reusedTokens those whose keys and values were found in the cache, not computed
 * @param sampledTokens tokens of the responses
 */
public record SamplingCounts(
    long requests, long promptTokens, long reusedTokens, long sampledTokens) {

  static final SamplingCounts ZERO = new SamplingCounts(0, 0, 0, 0);

  SamplingCounts plus(SamplingCounts other) {
    return new SamplingCounts(
        requests + other.requests,
        promptTokens + other.promptTokens,
        reusedTokens + other.reusedTokens,
        sampledTokens + other.sampledTokens);
  }
}
