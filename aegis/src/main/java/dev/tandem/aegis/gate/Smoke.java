package dev.tandem.aegis.gate;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.run.Trigger;
import dev.tandem.rollout.Trajectories;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What episodes show of a harness's processors.
 *
 * @param episodes how many there are
 * @param acted processors that changed something in any of them while somebody was still to act on
 *     it
 * @param failures by processor, in how many it failed and was passed over
 * @param breach the first broken contract, in words
 */
record Smoke(
    int episodes,
    NavigableSet<String> acted,
    SortedMap<String, Integer> failures,
    Optional<String> breach) {
  int failed(String processor) {
    return failures.getOrDefault(processor, 0);
  }

  static Smoke of(Trajectories traces) {
    NavigableSet<String> acted = new TreeSet<>();
    SortedMap<String, Integer> failures = new TreeMap<>();
    List<String> breaches = new ArrayList<>(1);
    int[] count = new int[1];
    traces.forEach(
        one -> {
          count[0]++;
          NavigableSet<String> failed = new TreeSet<>();
          for (Trigger trigger : one.episode().triggers()) {
            if (trigger.failed()) {
              failed.add(trigger.processor());
            } else if (trigger.hook() != Hook.TASK_END) {
              acted.add(trigger.processor());
            }
          }
          failed.forEach(processor -> failures.merge(processor, 1, Integer::sum));
          if (breaches.isEmpty() && one.episode().exitReason() == ExitReason.CONTRACT_BREACH) {
            breaches.add(
                "a processor broke its contract in %s: %s"
                    .formatted(one.id(), one.episode().detail()));
          }
        });
    return new Smoke(count[0], acted, failures, breaches.stream().findFirst());
  }
}
