package dev.tandem.aegis.plan;

import java.util.Comparator;

/**
 * How often what was predicted came true.
 *
 * @param name of the lever, or of the type of change
 * @param hits predictions that came true
 * @param scored predictions that later evidence has decided, at least 1
 */
public record HitRate(Of of, String name, int hits, int scored) implements Comparable<HitRate> {
  private static final Comparator<HitRate> ORDER =
      Comparator.comparing(HitRate::of).thenComparing(HitRate::name);

  /** What the predictions have in common. */
  public enum Of {
    /** The part of the harness that was changed, such as memory. */
    TYPE,
    LEVER
  }

  public HitRate {
    if (scored < 1 || hits < 0 || hits > scored) {
      throw new IllegalArgumentException(
          "a hit rate needs at least 1 prediction and 0 to that many hits, had %d of %d"
              .formatted(hits, scored));
    }
  }

  @Override
  public int compareTo(HitRate other) {
    return ORDER.compare(this, other);
  }
}
