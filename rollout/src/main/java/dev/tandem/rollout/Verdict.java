package dev.tandem.rollout;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An environment's judgement of an episode, by rules that no harness can change.
 *
 * @param success whether the goal holds
 * @param strict the reward, in [0, 1]
 * @param lenient what a laxer verifier would give, in [0, 1]; lenient without strict is how reward
 *     hacking shows
 * @param components partial achievements by name, in [0, 1]
 * @param exploitFlags signs of gaming the verifier
 */
public record Verdict(
    boolean success,
    double strict,
    double lenient,
    SortedMap<String, Double> components,
    List<String> exploitFlags) {
  public Verdict {
    if (!(strict >= 0 && strict <= 1 && lenient >= 0 && lenient <= 1)) {
      throw new IllegalArgumentException(
          "strict and lenient scores must be in [0, 1], were " + strict + " and " + lenient);
    }
    components = Collections.unmodifiableSortedMap(new TreeMap<>(components));
    exploitFlags = List.copyOf(exploitFlags);
  }
}
