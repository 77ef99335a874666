package dev.tandem.aegis.gate;

/**
 * What the gate has spent over a run. The t-th test is made at level {@code alpha (ships + 1) / (t
 * (t + 1))}, where ships counts the edits shipped before it: the e-LOND rule with the summable
 * sequence 1 / (t (t + 1)). It bounds the expected share of useless edits among the shipped ones by
 * alpha, whatever depends on whatever (Xu and Ramdas, "Online multiple testing with e-values",
 * AISTATS 2024); if every edit is useless, that is the chance that any ships.
 *
 * @param tests tests made
 * @param ships edits shipped
 * @param nextTask first gate task that no test has used yet
 */
public record GateAccount(int tests, int ships, int nextTask) {
  public static final GateAccount OPENED = new GateAccount(0, 0, 0);

  /** Level of the next test. */
  public double nextLevel(double alpha) {
    return alpha * (ships + 1) / ((tests + 1.0) * (tests + 2.0));
  }

  /** How much of alpha the tests so far have used up, ships not counted. */
  public double spent(double alpha) {
    return alpha * tests / (tests + 1.0);
  }

  GateAccount afterTasks(int played) {
    return new GateAccount(tests, ships, nextTask + played);
  }

  /** After a test that did not come to nothing before it began. */
  public GateAccount afterTest(boolean shipped) {
    return new GateAccount(tests + 1, shipped ? ships + 1 : ships, nextTask);
  }
}
