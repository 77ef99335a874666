package dev.tandem.rollout.run;

/**
 * The model works only while every running participant waits for it, and gets new requests in order
 * of the participants' numbers. Its batches therefore depend on what the participants do and never
 * on timing; nobody waits for a participant whose answer takes longer.
 */
record Lockstep() implements Pace {
  @Override
  public boolean goesOn(int busy, int waiting, boolean room) {
    return busy == 0;
  }
}
