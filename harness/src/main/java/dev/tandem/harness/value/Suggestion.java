package dev.tandem.harness.value;

import java.util.Collection;

/** Finds what somebody probably meant. */
public final class Suggestion {
  private Suggestion() {}

  /** {@code : did you mean 'x'?}, or what is known when nothing is near. */
  public static String forUnknown(String word, Collection<String> known) {
    String nearest = "";
    int nearestDistance = Integer.MAX_VALUE;
    for (String candidate : known) {
      int distance = editDistance(word, candidate);
      if (distance < nearestDistance) {
        nearest = candidate;
        nearestDistance = distance;
      }
    }
    int tolerance = Math.max(2, word.length() / 3);
    if (nearestDistance <= tolerance) {
      return ": did you mean '" + nearest + "'?";
    }
    return known.isEmpty() ? ": there is none to choose from" : ": known are " + known;
  }

  /** Levenshtein distance: letters put in, taken out or replaced. */
  public static int editDistance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(substitution, 1 + Math.min(previous[j], row[j - 1]));
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
