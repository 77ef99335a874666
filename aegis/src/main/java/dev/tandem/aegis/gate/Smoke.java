package dev.tandem.aegis.gate;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.rollout.Trajectories;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What episodes show of a harness's processors.
 *
 * @param episodes how many there are
 * @param acted processors that changed something in any of them
 * @param breach the first broken contract, in words
 */
record Smoke(int episodes, NavigableSet<String> acted, Optional<String> breach) {
  static Smoke of(Trajectories traces) {
    NavigableSet<String> acted = new TreeSet<>();
    List<String> breaches = new ArrayList<>(1);
    int[] count = new int[1];
    traces.forEach(
        one -> {
          count[0]++;
          one.episode().triggers().forEach(trigger -> acted.add(trigger.processor()));
          if (breaches.isEmpty() && one.episode().exitReason() == ExitReason.CONTRACT_BREACH) {
            breaches.add(
                "a processor broke its contract in %s: %s"
                    .formatted(one.id(), one.episode().detail()));
          }
        });
    return new Smoke(count[0], acted, breaches.stream().findFirst());
  }
}
