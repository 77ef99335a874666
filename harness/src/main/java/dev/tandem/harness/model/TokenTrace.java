package dev.tandem.harness.model;

/**
 * What was sampled, token by token: training works on exactly this and never tokenises text again.
 * Arrays are owned by the trace and must not be written to.
 *
 * @param prompt token ids the model saw [prompt tokens]
 * @param response token ids sampled, the stop token included [response tokens]
 * @param logProbs log-probability of each response token under the sampling distribution [response
 *     tokens]
 * @param allowed per response token the ids it was drawn from, empty arrays where the whole
 *     vocabulary was open; empty when no token was constrained
 */
@SuppressWarnings("ArrayRecordComponent")
public record TokenTrace(int[] prompt, int[] response, float[] logProbs, int[][] allowed) {
  /** For models that do not tell their tokens. */
  public static final TokenTrace NONE =
      new TokenTrace(new int[0], new int[0], new float[0], new int[0][]);

  public TokenTrace {
    if (response.length != logProbs.length) {
      throw new IllegalArgumentException(
          "a token trace needs one log-probability per response token, had "
              + response.length
              + " tokens and "
              + logProbs.length
              + " log-probabilities");
    }
    if (allowed.length != 0 && allowed.length != response.length) {
      throw new IllegalArgumentException(
          "a token trace needs allowed ids for each of its "
              + response.length
              + " response tokens or for none, had "
              + allowed.length);
    }
  }
}
