package dev.tandem.rollout.run;

/** Decides when the scheduler may go on: start participants, and let the model work. */
sealed interface Pace permits Lockstep, Free {
  /**
   * Whether it may go on. It must be true when nobody is busy.
   *
   * @param busy participants that neither wait for the model nor have ended
   * @param waiting participants that wait for the model
   * @param room whether another participant could start
   */
  boolean goesOn(int busy, int waiting, boolean room);
}
