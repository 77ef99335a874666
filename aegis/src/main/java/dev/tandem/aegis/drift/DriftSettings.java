package dev.tandem.aegis.drift;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * When a shipped harness is taken back.
 *
 * @param threshold evidence in nats at which the alarm goes off, above 0; without any drift it
 *     takes at least exp(threshold) episodes on average
 * @param oddsRatio the drop to be found: odds of success as a multiple of what they were, in (0, 1)
 */
public record DriftSettings(
    @JsonProperty("threshold") double threshold, @JsonProperty("odds_ratio") double oddsRatio) {
  public static final DriftSettings DEFAULTS = new DriftSettings(9, 0.5);

  public DriftSettings {
    if (!(threshold > 0 && Double.isFinite(threshold))) {
      throw new IllegalArgumentException(
          "drift threshold must be finite and above 0, was " + threshold);
    }
    if (!(oddsRatio > 0 && oddsRatio < 1)) {
      throw new IllegalArgumentException(
          "drift odds_ratio must be between 0 and 1, was " + oddsRatio);
    }
  }

  @JsonCreator
  static DriftSettings of(
      @JsonProperty("threshold") @Nullable Double threshold,
      @JsonProperty("odds_ratio") @Nullable Double oddsRatio) {
    return new DriftSettings(
        Objects.requireNonNullElse(threshold, DEFAULTS.threshold),
        Objects.requireNonNullElse(oddsRatio, DEFAULTS.oddsRatio));
  }
}
