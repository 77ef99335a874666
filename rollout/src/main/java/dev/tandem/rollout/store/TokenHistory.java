package dev.tandem.rollout.store;

import java.util.Arrays;

/**
 * Token sequences that a prompt may begin with: those of the last few turns, and the first turn of
 * the episode (or of the one before, while this one has none), whose system prompt is the same.
 * Writer and reader keep the same history, so that a prompt is a place in it, a length and the
 * rest.
 */
final class TokenHistory {
  private static final int RECENT = 4;

  /** The last ones, newest first, and behind them the first turn's. */
  private final int[][] sequences = new int[RECENT + 1][0];

  private boolean begun;

  /** The next sequence is the first of an episode. */
  void beginEpisode() {
    begun = false;
  }

  /** Remembers a turn. */
  void add(int[] prompt, int[] response) {
    int[] sequence = Arrays.copyOf(prompt, prompt.length + response.length);
    System.arraycopy(response, 0, sequence, prompt.length, response.length);
    System.arraycopy(sequences, 0, sequences, 1, RECENT - 1);
    sequences[0] = sequence;
    if (!begun) {
      sequences[RECENT] = sequence;
      begun = true;
    }
  }

  /** The place of the sequence that shares the longest beginning with a prompt. */
  int nearest(int[] prompt) {
    int best = 0;
    for (int place = 1; place < sequences.length; place++) {
      if (shared(prompt, place) > shared(prompt, best)) {
        best = place;
      }
    }
    return best;
  }

  /** How many tokens a prompt has in common with the beginning of a sequence. */
  int shared(int[] prompt, int place) {
    int mismatch = Arrays.mismatch(prompt, sequences[place]);
    return mismatch < 0 ? prompt.length : mismatch;
  }

  /** The first tokens of a sequence, in an array with room for more. */
  int[] beginning(int place, int shared, int length) {
    if (place >= sequences.length || shared > sequences[place].length || shared > length) {
      throw new IllegalArgumentException("a prompt continues what is not there");
    }
    int[] tokens = new int[length];
    System.arraycopy(sequences[place], 0, tokens, 0, shared);
    return tokens;
  }
}
