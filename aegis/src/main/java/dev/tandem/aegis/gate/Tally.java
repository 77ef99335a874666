package dev.tandem.aegis.gate;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Wins and losses of the candidate over all pairs, or over those of a category. */
record Tally(int pairs, int wins, int losses) {
  static Tally of(List<PairedEpisodes.Pair> pairs) {
    return new Tally(
        pairs.size(),
        (int) pairs.stream().filter(PairedEpisodes.Pair::won).count(),
        (int) pairs.stream().filter(PairedEpisodes.Pair::lost).count());
  }

  static SortedMap<String, Tally> byCategory(List<PairedEpisodes.Pair> pairs) {
    SortedMap<String, Tally> tallies = new TreeMap<>();
    for (PairedEpisodes.Pair pair : pairs) {
      tallies.merge(pair.category(), of(List.of(pair)), Tally::plus);
    }
    return tallies;
  }

  Tally plus(Tally other) {
    return new Tally(pairs + other.pairs, wins + other.wins, losses + other.losses);
  }

  Proof.CategoryProof proof(String category) {
    return new Proof.CategoryProof(category, pairs, wins, losses, null, null);
  }
}
