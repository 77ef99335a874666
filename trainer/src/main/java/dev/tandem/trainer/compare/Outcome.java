package dev.tandem.trainer.compare;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a cell came to.
 *
 * @param rounds complete ones
 * @param episodes rollouts for training and for the gate, and attempts at sealed tasks beyond the
 *     first
 * @param seconds wall time of the run, its warm start included
 * @param sealed sealed tasks by the harness they were played under: {@link #OWN}, {@link #INITIAL},
 *     and those that the plan names
 */
public record Outcome(
    String condition,
    long seed,
    int rounds,
    long episodes,
    double seconds,
    Map<String, Solved> sealed) {
  /** The harness that a run ended with. */
  public static final String OWN = "own";

  /** The harness that the recipe begins with. */
  public static final String INITIAL = "initial";

  public Outcome {
    sealed = Collections.unmodifiableMap(new LinkedHashMap<>(sealed));
    if (!sealed.containsKey(OWN)) {
      throw new IllegalArgumentException(
          "the outcome of %s/%d has no sealed tasks under its own harness"
              .formatted(condition, seed));
    }
  }

  /** The sealed tasks under the harness that the run ended with. */
  public Solved own() {
    return sealed.getOrDefault(OWN, new Solved(Collections.emptySortedMap()));
  }
}
