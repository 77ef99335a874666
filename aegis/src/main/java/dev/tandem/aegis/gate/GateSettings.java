package dev.tandem.aegis.gate;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the gate asks of an edit.
 *
 * @param seesaw the rule
 * @param batch pairs of episodes played between two looks, at least 1
 * @param maximumPairs most pairs of episodes of one test, at least a batch
 * @param alpha bound on the share of useless edits among the shipped ones over a whole run, in (0,
 *     1)
 * @param inferiorityAlpha chance of calling any task category worse that is not, per test, in (0,
 *     1)
 * @param futility a test stops when its chance of still showing a gain falls below this, in [0, 1)
 * @param strictTasks tasks that the strict rule plays, at least 1
 */
public record GateSettings(
    @JsonProperty("seesaw") Seesaw seesaw,
    @JsonProperty("batch") int batch,
    @JsonProperty("maximum_pairs") int maximumPairs,
    @JsonProperty("alpha") double alpha,
    @JsonProperty("inferiority_alpha") double inferiorityAlpha,
    @JsonProperty("futility") double futility,
    @JsonProperty("strict_tasks") int strictTasks) {
  public static final GateSettings DEFAULTS =
      new GateSettings(Seesaw.SEQUENTIAL, 48, 192, 0.2, 0.1, 0.02, 76);

  public GateSettings {
    if (batch < 1) {
      throw new IllegalArgumentException("gate batch must be at least 1, was " + batch);
    }
    if (maximumPairs < batch) {
      throw new IllegalArgumentException(
          "gate maximum_pairs must be at least the batch of %d, was %d"
              .formatted(batch, maximumPairs));
    }
    if (!(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException("gate alpha must be between 0 and 1, was " + alpha);
    }
    if (!(inferiorityAlpha > 0 && inferiorityAlpha < 1)) {
      throw new IllegalArgumentException(
          "gate inferiority_alpha must be between 0 and 1, was " + inferiorityAlpha);
    }
    if (!(futility >= 0 && futility < 1)) {
      throw new IllegalArgumentException(
          "gate futility must be at least 0 and below 1, was " + futility);
    }
    if (strictTasks < 1) {
      throw new IllegalArgumentException(
          "gate strict_tasks must be at least 1, was " + strictTasks);
    }
  }

  @JsonCreator
  static GateSettings of(
      @JsonProperty("seesaw") @Nullable Seesaw seesaw,
      @JsonProperty("batch") @Nullable Integer batch,
      @JsonProperty("maximum_pairs") @Nullable Integer maximumPairs,
      @JsonProperty("alpha") @Nullable Double alpha,
      @JsonProperty("inferiority_alpha") @Nullable Double inferiorityAlpha,
      @JsonProperty("futility") @Nullable Double futility,
      @JsonProperty("strict_tasks") @Nullable Integer strictTasks) {
    return new GateSettings(
        Objects.requireNonNullElse(seesaw, DEFAULTS.seesaw),
        Objects.requireNonNullElse(batch, DEFAULTS.batch),
        Objects.requireNonNullElse(maximumPairs, DEFAULTS.maximumPairs),
        Objects.requireNonNullElse(alpha, DEFAULTS.alpha),
        Objects.requireNonNullElse(inferiorityAlpha, DEFAULTS.inferiorityAlpha),
        Objects.requireNonNullElse(futility, DEFAULTS.futility),
        Objects.requireNonNullElse(strictTasks, DEFAULTS.strictTasks));
  }
}
