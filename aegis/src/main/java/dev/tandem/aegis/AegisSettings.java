package dev.tandem.aegis;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tandem.aegis.drift.DriftSettings;
import dev.tandem.aegis.gate.GateSettings;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The choices of harness evolution. A recipe states only what differs from {@link #DEFAULTS}.
 *
 * @param candidates proposals a round, at least 1
 * @param cooldown rounds in which an edit is not proposed again unless the evidence has changed, at
 *     least 0
 * @param exploration share of challengers drawn from structures not tried before, in [0, 1]
 * @param actionable mean failure rate below which there is nothing to do, in [0, 1)
 * @param endorsement least chance, judged by training episodes, that a challenger wins more tasks
 *     than it loses for it to go to the gate, in [0, 1)
 * @param gate what the gate asks of an edit
 * @param drift when a shipped harness is taken back
 */
public record AegisSettings(
    @JsonProperty("candidates") int candidates,
    @JsonProperty("cooldown") int cooldown,
    @JsonProperty("exploration") double exploration,
    @JsonProperty("actionable") double actionable,
    @JsonProperty("endorsement") double endorsement,
    @JsonProperty("gate") GateSettings gate,
    @JsonProperty("drift") DriftSettings drift) {
  public static final AegisSettings DEFAULTS =
      new AegisSettings(4, 4, 0.2, 0.02, 0.25, GateSettings.DEFAULTS, DriftSettings.DEFAULTS);

  public AegisSettings {
    if (candidates < 1) {
      throw new IllegalArgumentException("aegis candidates must be at least 1, was " + candidates);
    }
    if (cooldown < 0) {
      throw new IllegalArgumentException("aegis cooldown must be at least 0, was " + cooldown);
    }
    if (!(exploration >= 0 && exploration <= 1)) {
      throw new IllegalArgumentException(
          "aegis exploration must be from 0 to 1, was " + exploration);
    }
    if (!(actionable >= 0 && actionable < 1)) {
      throw new IllegalArgumentException(
          "aegis actionable must be at least 0 and below 1, was " + actionable);
    }
    if (!(endorsement >= 0 && endorsement < 1)) {
      throw new IllegalArgumentException(
          "aegis endorsement must be at least 0 and below 1, was " + endorsement);
    }
  }

  @JsonCreator
  static AegisSettings of(
      @JsonProperty("candidates") @Nullable Integer candidates,
      @JsonProperty("cooldown") @Nullable Integer cooldown,
      @JsonProperty("exploration") @Nullable Double exploration,
      @JsonProperty("actionable") @Nullable Double actionable,
      @JsonProperty("endorsement") @Nullable Double endorsement,
      @JsonProperty("gate") @Nullable GateSettings gate,
      @JsonProperty("drift") @Nullable DriftSettings drift) {
    return new AegisSettings(
        Objects.requireNonNullElse(candidates, DEFAULTS.candidates),
        Objects.requireNonNullElse(cooldown, DEFAULTS.cooldown),
        Objects.requireNonNullElse(exploration, DEFAULTS.exploration),
        Objects.requireNonNullElse(actionable, DEFAULTS.actionable),
        Objects.requireNonNullElse(endorsement, DEFAULTS.endorsement),
        Objects.requireNonNullElse(gate, DEFAULTS.gate),
        Objects.requireNonNullElse(drift, DEFAULTS.drift));
  }
}
