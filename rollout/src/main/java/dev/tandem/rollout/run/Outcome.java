package dev.tandem.rollout.run;

import dev.tandem.harness.model.Model;
import java.util.function.Consumer;

/** What became of one participant. */
sealed interface Outcome<T> {
  /** It ended by itself and in time. */
  record Ended<T>(T value) implements Outcome<T> {}

  /** It threw something, which is kept as a sentence only: a throwable may hold anything. */
  record Threw<T>(String sentence) implements Outcome<T> {}

  /**
   * It outlived its deadline.
   *
   * @param activity what it was at then
   * @param abandoned whether its thread did not end when it was interrupted
   */
  record Overdue<T>(String activity, boolean abandoned) implements Outcome<T> {}

  /** What a participant does. */
  interface Participant<T> {
    /**
     * @param model to be called as often as it likes, one call at a time
     * @param activity told what it is at, in a word or two
     */
    T play(int number, Model model, Consumer<String> activity);
  }
}
