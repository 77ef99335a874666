package dev.tandem.trainer.cli;

import java.time.Duration;
import java.util.Optional;

/** What a verb leaves behind when it ends before its time. */
interface Remains {
  /** Of a verb that writes what it writes whole, at its end. */
  Remains NOTHING = _ -> "nothing was written";

  /**
   * Says what is left when a signal ends the verb.
   *
   * @param patience how long to wait at most for what must not be left half done
   * @return the end of a sentence
   */
  String afterSignal(Duration patience);

  /** What is left when the verb fails and how to go on; empty where the failure says it all. */
  default Optional<String> afterFailure() {
    return Optional.empty();
  }

  /** How to go on once a person has spoken about an edit. */
  default Optional<String> untilAWord() {
    return Optional.empty();
  }
}
