package dev.tandem.rollout.store;

import dev.tandem.rollout.Phase;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a segment holds: the episodes that were played together in a round for one purpose.
 *
 * @param batch tells the segments of one round and phase apart; lower-case letters, digits and
 *     hyphens, in whose order they are read
 */
public record SegmentName(int round, Phase phase, String batch) implements Comparable<SegmentName> {
  private static final Pattern BATCH = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
  private static final String SUFFIX = ".traces";
  private static final Pattern FILE =
      Pattern.compile("round-(\\d{4,9})-([a-z]+)-(" + BATCH + ")" + Pattern.quote(SUFFIX));
  private static final Comparator<SegmentName> ORDER =
      Comparator.comparingInt(SegmentName::round)
          .thenComparing(SegmentName::phase)
          .thenComparing(SegmentName::batch);

  public SegmentName {
    if (round < 0 || !BATCH.matcher(batch).matches()) {
      throw new IllegalArgumentException(
          "a segment's round must be at least 0 and its batch lower-case letters, digits and hyphens, were %d and '%s'"
              .formatted(round, batch));
    }
  }

  /** The only segment of its round and phase, or the first. */
  public static SegmentName of(int round, Phase phase) {
    return of(round, phase, 1);
  }

  /** One of several, by its number from 1. */
  public static SegmentName of(int round, Phase phase, int number) {
    return new SegmentName(round, phase, "%03d".formatted(number));
  }

  /** The segment that a file of this name would be; empty for other files. */
  static Optional<SegmentName> ofFile(String fileName) {
    Matcher parts = FILE.matcher(fileName);
    if (!parts.matches()) {
      return Optional.empty();
    }
    return Arrays.stream(Phase.values())
        .filter(phase -> phase.id().equals(parts.group(2)))
        .findFirst()
        .map(phase -> new SegmentName(Integer.parseInt(parts.group(1)), phase, parts.group(3)));
  }

  String fileName() {
    return "round-%04d-%s-%s%s".formatted(round, phase.id(), batch, SUFFIX);
  }

  /** By round, then train, gate, evaluation, then by batch. */
  @Override
  public int compareTo(SegmentName other) {
    return ORDER.compare(this, other);
  }
}
