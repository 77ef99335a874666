package dev.tandem.trainer.recipe;

/**
 * How far the weights that play train episodes are behind those that learn. Without a lag, a round
 * is played with what the round before has learnt; with a lag of one round, with what the round
 * before that has learnt, so that it can be played while the round before learns.
 *
 * @param rounds 0 or 1
 */
public record Lag(int rounds) {
  public static final Lag NONE = new Lag(0);

  public Lag {
    if (rounds < 0 || rounds > 1) {
      throw new IllegalArgumentException(
          "lag must be 0, for rollouts that wait for the training before them, or 1, for rollouts"
              + " beside it; was "
              + rounds);
    }
  }

  public boolean exists() {
    return rounds > 0;
  }

  /** The round whose weights play a round's train episodes; 0 are those before the first. */
  public int weights(int round) {
    return Math.max(0, round - 1 - rounds);
  }

  /** Rounds of learning between the weights that played a round and those that a later one has. */
  public int staleness(int learning, int played) {
    return learning - 1 - weights(played);
  }
}
