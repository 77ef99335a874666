package dev.tandem.harness.processor.training;

import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.value.Bystander;
import java.util.function.Consumer;

/**
 * One model call as training reads it.
 *
 * @param step of the episode, from 0
 * @param tokens exactly what was sampled, never text tokenised again
 * @param mask for each response token whether the model had a choice: false where the harness left
 *     one token only [response tokens]; owned by the record
 * @param discarded whether the response led to no action
 */
@SuppressWarnings("ArrayRecordComponent")
public record TurnRecord(int step, TokenTrace tokens, boolean[] mask, boolean discarded) {
  public TurnRecord {
    if (mask.length != tokens.responseLength()) {
      throw new IllegalArgumentException(
          "a turn needs one mask entry per response token, had %d for %d tokens"
              .formatted(mask.length, tokens.responseLength()));
    }
  }

  /** The record of a call, its mask made from what each token was drawn from. */
  static TurnRecord of(int step, TokenTrace tokens, boolean discarded) {
    boolean[] mask = new boolean[tokens.responseLength()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = tokens.isChosen(i);
    }
    return new TurnRecord(step, tokens, mask, discarded);
  }

  /** Takes the turns of every episode, in order within each, from many threads: a service. */
  @FunctionalInterface
  public interface Sink extends Bystander {
    /** Begins an episode; what it returns takes its turns, from one thread. */
    Consumer<TurnRecord> begin();
  }
}
