package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The choices of cross-harness GRPO. A recipe states only what differs from {@link #DEFAULTS}.
 *
 * @param advantage how rewards become advantages
 * @param loss the policy loss
 * @param aggregation how tokens are averaged
 * @param kl the pull towards the reference policy
 * @param importanceCorrection weights between sampler and trainer
 * @param sequence what one sequence is, for the aggregations and the losses that speak of them
 * @param discarded what a response earns that a processor turned down
 */
public record GrpoSettings(
    @JsonProperty("advantage") AdvantageSettings advantage,
    @JsonProperty("loss") PolicyLoss loss,
    @JsonProperty("aggregation") Aggregation aggregation,
    @JsonProperty("kl") ReferencePull kl,
    @JsonProperty("importance_correction") ImportanceCorrection importanceCorrection,
    @JsonProperty("sequence") SequenceUnit sequence,
    @JsonProperty("discarded") DiscardedTurns discarded) {
  /** The vetted setting; the in-process sampler is exact, so that nothing needs correcting. */
  public static final GrpoSettings DEFAULTS =
      new GrpoSettings(
          AdvantageSettings.DEFAULTS,
          PolicyLoss.Clipped.DEFAULTS,
          Aggregation.TOKEN_MEAN,
          ReferencePull.OFF,
          new ImportanceCorrection.None());

  /** With turns for sequences, and blame for discarded responses. */
  public GrpoSettings(
      AdvantageSettings advantage,
      PolicyLoss loss,
      Aggregation aggregation,
      ReferencePull kl,
      ImportanceCorrection importanceCorrection) {
    this(
        advantage,
        loss,
        aggregation,
        kl,
        importanceCorrection,
        SequenceUnit.TURN,
        DiscardedTurns.IGNORED);
  }

  /** Checks that every choice has an effect. */
  public GrpoSettings {
    if (sequence == SequenceUnit.TRAJECTORY
        && !aggregation.readsSequences()
        && !loss.readsSequences()) {
      throw new IllegalArgumentException(
          "sequence trajectory has no effect with aggregation token_mean and a loss by token:"
              + " choose sequence_mean_token_mean or sequence_mean_token_sum, or leave it out");
    }
  }

  @JsonCreator
  static GrpoSettings of(
      @JsonProperty("advantage") @Nullable AdvantageSettings advantage,
      @JsonProperty("loss") @Nullable PolicyLoss loss,
      @JsonProperty("aggregation") @Nullable Aggregation aggregation,
      @JsonProperty("kl") @Nullable ReferencePull kl,
      @JsonProperty("importance_correction") @Nullable ImportanceCorrection importanceCorrection,
      @JsonProperty("sequence") @Nullable SequenceUnit sequence,
      @JsonProperty("discarded") @Nullable DiscardedTurns discarded) {
    return new GrpoSettings(
        Objects.requireNonNullElse(advantage, DEFAULTS.advantage),
        Objects.requireNonNullElse(loss, DEFAULTS.loss),
        Objects.requireNonNullElse(aggregation, DEFAULTS.aggregation),
        Objects.requireNonNullElse(kl, DEFAULTS.kl),
        Objects.requireNonNullElse(importanceCorrection, DEFAULTS.importanceCorrection),
        Objects.requireNonNullElse(sequence, DEFAULTS.sequence),
        Objects.requireNonNullElse(discarded, DEFAULTS.discarded));
  }

  /** The same with something else for discarded responses. */
  public GrpoSettings withDiscarded(DiscardedTurns other) {
    return new GrpoSettings(
        advantage, loss, aggregation, kl, importanceCorrection, sequence, other);
  }

  /** What a batch is evaluated under. */
  public PolicyObjective objective() {
    return new PolicyObjective(loss, aggregation, kl);
  }
}
