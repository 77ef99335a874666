package dev.tandem.trainer.policy;

/**
 * A conversation in tokens, and whose they are.
 *
 * @param ids [tokens]
 * @param said [tokens] whether the assistant says it, the end of its turn included
 * @param observed [tokens] whether it is what a user or a tool says, without what the chat template
 *     writes around that; all false where nobody asked
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
public record Transcript(int[] ids, boolean[] said, boolean[] observed) {
  public Transcript {
    if (said.length != ids.length || observed.length != ids.length) {
      throw new IllegalArgumentException(
          "%d tokens need as many marks, there were %d and %d"
              .formatted(ids.length, said.length, observed.length));
    }
  }
}
