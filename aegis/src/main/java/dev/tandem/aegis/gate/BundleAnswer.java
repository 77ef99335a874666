package dev.tandem.aegis.gate;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a test says next. */
public sealed interface BundleAnswer {
  /**
   * Go on.
   *
   * @param tasks how many of the next tasks, as they come, are to be played under both harnesses
   * @param extra how many more of each of these clusters
   */
  record Play(int tasks, SortedMap<String, Integer> extra) implements BundleAnswer {
    public Play {
      extra = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(extra));
    }
  }

  /** A gain is shown, and harm is ruled out in every cluster. */
  record Ship(BundleProof proof) implements BundleAnswer {}

  /** Likely harm in some clusters, likely gain in the others: to be tested for those alone. */
  record Fork(List<String> harmed, BundleProof proof) implements BundleAnswer {
    public Fork {
      harmed = List.copyOf(harmed);
    }
  }

  /**
   * Not this bundle.
   *
   * @param cause what was missing
   * @param reason in one sentence
   */
  record Reject(Cause cause, String reason, BundleProof proof) implements BundleAnswer {}

  /** Why a bundle was rejected. */
  enum Cause {
    NO_GAIN,
    HARM_LIKELY,
    HARM_NOT_RULED_OUT
  }
}
