package dev.tandem.aegis.screen;

import java.util.Comparator;

/** One level of one factor, as something that can be switched to. */
public record Lever(String factor, String level) implements Comparable<Lever> {
  private static final Comparator<Lever> ORDER =
      Comparator.comparing(Lever::factor).thenComparing(Lever::level);

  @Override
  public int compareTo(Lever other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return factor + "=" + level;
  }
}
