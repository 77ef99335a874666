package dev.tandem.trainer.recipe.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Guesses the word that was meant. */
public final class Spelling {
  private Spelling() {}

  /** The known word nearest to {@code word}, if one is near enough to be a slip of the hand. */
  public static Optional<String> nearest(String word, Collection<String> known) {
    int tolerance = Math.max(1, word.length() / 3);
    return known.stream()
        .filter(
            candidate ->
                distance(word, candidate) <= tolerance
                    || (word.length() > 1 && candidate.startsWith(word)))
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
  }

  /** Edit distance with insertion, deletion, replacement and transposition of neighbours at 1. */
  static int distance(String left, String right) {
    int[][] cost = new int[left.length() + 1][right.length() + 1];
    for (int i = 0; i <= left.length(); i++) {
      for (int j = 0; j <= right.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        boolean same = left.charAt(i - 1) == right.charAt(j - 1);
        int replaced = cost[i - 1][j - 1] + (same ? 0 : 1);
        cost[i][j] = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && left.charAt(i - 1) == right.charAt(j - 2)
                && left.charAt(i - 2) == right.charAt(j - 1);
        if (swapped) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[left.length()][right.length()];
  }
}
