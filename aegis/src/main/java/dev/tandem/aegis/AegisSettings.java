package dev.tandem.aegis;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tandem.aegis.drift.DriftSettings;
import dev.tandem.aegis.gate.GateSettings;
import dev.tandem.aegis.oversight.AskFrom;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.oversight.WhenWaiting;
import java.nio.file.Path;
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
 * @param redLines what no edit may do
 * @param approval from which risk on an edit that has passed the gate waits for a person
 * @param whenWaiting what the run does meanwhile
 * @param signingKey file of the private key that the ledger's head is signed with after each round;
 *     null for no signature
 */
public record AegisSettings(
    @JsonProperty("candidates") int candidates,
    @JsonProperty("cooldown") int cooldown,
    @JsonProperty("exploration") double exploration,
    @JsonProperty("actionable") double actionable,
    @JsonProperty("endorsement") double endorsement,
    @JsonProperty("gate") GateSettings gate,
    @JsonProperty("drift") DriftSettings drift,
    @JsonProperty("red_lines") RedLines redLines,
    @JsonProperty("approval") AskFrom approval,
    @JsonProperty("when_waiting") WhenWaiting whenWaiting,
    @JsonProperty("signing_key") @Nullable Path signingKey) {
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

  /** Evolution that nobody watches. */
  public AegisSettings(
      int candidates,
      int cooldown,
      double exploration,
      double actionable,
      double endorsement,
      GateSettings gate,
      DriftSettings drift) {
    this(
        candidates,
        cooldown,
        exploration,
        actionable,
        endorsement,
        gate,
        drift,
        RedLines.NONE,
        AskFrom.NONE,
        WhenWaiting.WAIT,
        null);
  }

  /** The same with other rules of oversight. */
  public AegisSettings watched(
      RedLines lines, AskFrom from, WhenWaiting meanwhile, @Nullable Path key) {
    return new AegisSettings(
        candidates,
        cooldown,
        exploration,
        actionable,
        endorsement,
        gate,
        drift,
        lines,
        from,
        meanwhile,
        key);
  }

  @JsonCreator
  static AegisSettings of(
      @JsonProperty("candidates") @Nullable Integer candidates,
      @JsonProperty("cooldown") @Nullable Integer cooldown,
      @JsonProperty("exploration") @Nullable Double exploration,
      @JsonProperty("actionable") @Nullable Double actionable,
      @JsonProperty("endorsement") @Nullable Double endorsement,
      @JsonProperty("gate") @Nullable GateSettings gate,
      @JsonProperty("drift") @Nullable DriftSettings drift,
      @JsonProperty("red_lines") @Nullable RedLines redLines,
      @JsonProperty("approval") @Nullable AskFrom approval,
      @JsonProperty("when_waiting") @Nullable WhenWaiting whenWaiting,
      @JsonProperty("signing_key") @Nullable Path signingKey) {
    return new AegisSettings(
        Objects.requireNonNullElse(candidates, DEFAULTS.candidates),
        Objects.requireNonNullElse(cooldown, DEFAULTS.cooldown),
        Objects.requireNonNullElse(exploration, DEFAULTS.exploration),
        Objects.requireNonNullElse(actionable, DEFAULTS.actionable),
        Objects.requireNonNullElse(endorsement, DEFAULTS.endorsement),
        Objects.requireNonNullElse(gate, DEFAULTS.gate),
        Objects.requireNonNullElse(drift, DEFAULTS.drift),
        Objects.requireNonNullElse(redLines, DEFAULTS.redLines),
        Objects.requireNonNullElse(approval, DEFAULTS.approval),
        Objects.requireNonNullElse(whenWaiting, DEFAULTS.whenWaiting),
        signingKey);
  }
}
