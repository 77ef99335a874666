package dev.tandem.rollout.run;

/**
 * The model works whenever somebody waits for it, on all who wait by then; what another participant
 * is doing meanwhile concerns nobody.
 */
record Free() implements Pace {
  @Override
  public boolean goesOn(int busy, int waiting, boolean room) {
    return busy == 0 || waiting > 0 || room;
  }
}
