package dev.tandem.harness.model;

import java.util.Arrays;

/**
 * What was sampled, token by token: training works on exactly this and never tokenises text again.
 * Nobody can change a trace: its arrays are copied on the way in and on the way out, so that
 * whoever looks on cannot alter what is trained on. Loops read single entries, which copies
 * nothing.
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
    prompt = prompt.clone();
    response = response.clone();
    logProbs = logProbs.clone();
    allowed = deepCopy(allowed);
  }

  /** A copy. */
  @Override
  public int[] prompt() {
    return prompt.clone();
  }

  /** A copy. */
  @Override
  public int[] response() {
    return response.clone();
  }

  /** A copy. */
  @Override
  public float[] logProbs() {
    return logProbs.clone();
  }

  /** A deep copy. */
  @Override
  public int[][] allowed() {
    return deepCopy(allowed);
  }

  /** How many tokens the model saw. */
  public int promptLength() {
    return prompt.length;
  }

  /** How many tokens were sampled. */
  public int responseLength() {
    return response.length;
  }

  /**
   * Whether the model had a choice at a response token: false where one token alone was allowed.
   */
  public boolean isChosen(int token) {
    return allowed.length == 0 || allowed[token].length != 1;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof TokenTrace trace
            && Arrays.equals(prompt, trace.prompt)
            && Arrays.equals(response, trace.response)
            && Arrays.equals(logProbs, trace.logProbs)
            && Arrays.deepEquals(allowed, trace.allowed));
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(prompt) + Arrays.hashCode(response);
  }

  private static int[][] deepCopy(int[][] rows) {
    int[][] copy = new int[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      copy[i] = rows[i].clone();
    }
    return copy;
  }
}
