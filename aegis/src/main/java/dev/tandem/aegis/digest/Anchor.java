package dev.tandem.aegis.digest;

import java.util.Comparator;

/**
 * Where evidence is: a step of an episode.
 *
 * @param trajectory its id
 * @param step from 0
 */
public record Anchor(String trajectory, int step) implements Comparable<Anchor> {
  private static final Comparator<Anchor> ORDER =
      Comparator.comparing(Anchor::trajectory).thenComparingInt(Anchor::step);

  @Override
  public int compareTo(Anchor other) {
    return ORDER.compare(this, other);
  }
}
