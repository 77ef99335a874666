package dev.tandem.harness.run;

import java.lang.System.Logger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What went wrong among an episode's observers. It is counted and told, and changes nothing: the
 * observers are no part of a harness's hash, so nothing of an episode may depend on them.
 */
final class ObserverFailures {
  private static final Logger LOG = System.getLogger(ObserverFailures.class.getName());

  /** A full disk fails every episode; the log says it once for each type of processor. */
  private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

  private final SequencedMap<String, ObserverFailure> byProcessor = new LinkedHashMap<>();

  void add(String processor, String where, String reason) {
    byProcessor.merge(
        processor,
        new ObserverFailure(processor, where, reason, 1),
        (first, _) ->
            new ObserverFailure(processor, first.where(), first.reason(), first.times() + 1));
    if (LOGGED.add(processor)) {
      LOG.log(
          Logger.Level.WARNING,
          "the observer ''{0}'' failed at {1}: {2}; the episode goes on, and further failures are"
              + " counted with the episodes",
          processor,
          where,
          reason);
    }
  }

  /** In the order of each processor's first failure. */
  List<ObserverFailure> all() {
    return List.copyOf(byProcessor.values());
  }
}
