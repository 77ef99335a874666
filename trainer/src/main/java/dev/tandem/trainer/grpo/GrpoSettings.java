package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;
import java.util.function.Consumer;

/**
 * The choices of cross-harness GRPO. A recipe states only what differs from {@link #DEFAULTS}; so
 * does whoever makes them from those with the methods below.
 *
 * @param advantage how rewards become advantages
 * @param loss the policy loss
 * @param aggregation how tokens are averaged
 * @param kl the pull towards the reference policy
 * @param importanceCorrection weights between sampler and trainer
 * @param sequence what one sequence is, for the aggregations and the losses that speak of them
 * @param discarded what a response earns that a processor turned down
 * @param entropyBonus coefficient of the policy's mean entropy, which the loss is lowered by; 0 for
 *     none
 * @param earlyStop when a round's remaining steps are left out
 * @param overlong what becomes of episodes that come near a limit
 * @param stepCredit whether steps have advantages of their own
 * @param dynamicSampling what becomes of groups of equal rewards
 */
@JsonDeserialize(builder = GrpoSettings.Builder.class)
public record GrpoSettings(
    @JsonProperty("advantage") AdvantageSettings advantage,
    @JsonProperty("loss") PolicyLoss loss,
    @JsonProperty("aggregation") Aggregation aggregation,
    @JsonProperty("kl") ReferencePull kl,
    @JsonProperty("importance_correction") ImportanceCorrection importanceCorrection,
    @JsonProperty("sequence") SequenceUnit sequence,
    @JsonProperty("discarded") DiscardedTurns discarded,
    @JsonProperty("entropy_bonus") double entropyBonus,
    @JsonProperty("early_stop") EarlyStop earlyStop,
    @JsonProperty("overlong") OverlongShaping overlong,
    @JsonProperty("step_credit") StepCredit stepCredit,
    @JsonProperty("dynamic_sampling") DynamicSampling dynamicSampling) {
  /** The vetted setting; the in-process sampler is exact, so that nothing needs correcting. */
  public static final GrpoSettings DEFAULTS = new Builder().build();

  /** Checks that every choice has an effect. */
  public GrpoSettings {
    if (sequence == SequenceUnit.TRAJECTORY
        && !aggregation.readsSequences()
        && !loss.readsSequences()) {
      throw new IllegalArgumentException(
          "sequence trajectory has no effect with aggregation token_mean and a loss by token:"
              + " choose sequence_mean_token_mean or sequence_mean_token_sum, or leave it out");
    }
    if (sequence == SequenceUnit.TRAJECTORY
        && loss.readsSequences()
        && stepCredit instanceof StepCredit.Anchors) {
      throw new IllegalArgumentException(
          "step credit needs an advantage for each step, and gspo over a trajectory has one ratio"
              + " and one advantage for all of them: choose sequence turn, another loss, or"
              + " step_credit off");
    }
    if (!(entropyBonus >= 0 && Double.isFinite(entropyBonus))) {
      throw new IllegalArgumentException(
          "entropy bonus must be finite and at least 0, was " + entropyBonus);
    }
  }

  /** All choices with their defaults; a new one is added here. */
  @JsonPOJOBuilder
  static final class Builder {
    @JsonProperty private AdvantageSettings advantage = AdvantageSettings.DEFAULTS;
    @JsonProperty private PolicyLoss loss = PolicyLoss.Clipped.DEFAULTS;
    @JsonProperty private Aggregation aggregation = Aggregation.TOKEN_MEAN;
    @JsonProperty private ReferencePull kl = ReferencePull.OFF;

    @JsonProperty("importance_correction")
    private ImportanceCorrection importanceCorrection = new ImportanceCorrection.None();

    @JsonProperty private SequenceUnit sequence = SequenceUnit.TURN;
    @JsonProperty private DiscardedTurns discarded = DiscardedTurns.IGNORED;

    @JsonProperty("entropy_bonus")
    private double entropyBonus;

    @JsonProperty("early_stop")
    private EarlyStop earlyStop = EarlyStop.NEVER;

    @JsonProperty private OverlongShaping overlong = new OverlongShaping.Off();

    @JsonProperty("step_credit")
    private StepCredit stepCredit = new StepCredit.Off();

    @JsonProperty("dynamic_sampling")
    private DynamicSampling dynamicSampling = new DynamicSampling.Filtered();

    GrpoSettings build() {
      return new GrpoSettings(
          advantage,
          loss,
          aggregation,
          kl,
          importanceCorrection,
          sequence,
          discarded,
          entropyBonus,
          earlyStop,
          overlong,
          stepCredit,
          dynamicSampling);
    }
  }

  private GrpoSettings with(Consumer<Builder> change) {
    Builder builder = new Builder();
    builder.advantage = advantage;
    builder.loss = loss;
    builder.aggregation = aggregation;
    builder.kl = kl;
    builder.importanceCorrection = importanceCorrection;
    builder.sequence = sequence;
    builder.discarded = discarded;
    builder.entropyBonus = entropyBonus;
    builder.earlyStop = earlyStop;
    builder.overlong = overlong;
    builder.stepCredit = stepCredit;
    builder.dynamicSampling = dynamicSampling;
    change.accept(builder);
    return builder.build();
  }

  /** The same with other advantages. */
  public GrpoSettings withAdvantage(AdvantageSettings other) {
    return with(builder -> builder.advantage = other);
  }

  /** The same with another policy loss. */
  public GrpoSettings withLoss(PolicyLoss other) {
    return with(builder -> builder.loss = other);
  }

  /** The same with another average. */
  public GrpoSettings withAggregation(Aggregation other) {
    return with(builder -> builder.aggregation = other);
  }

  /** The same with another pull towards the reference. */
  public GrpoSettings withKl(ReferencePull other) {
    return with(builder -> builder.kl = other);
  }

  /** The same with other weights between sampler and trainer. */
  public GrpoSettings withImportanceCorrection(ImportanceCorrection other) {
    return with(builder -> builder.importanceCorrection = other);
  }

  /** The same with another notion of a sequence; choose what reads it first. */
  public GrpoSettings withSequence(SequenceUnit other) {
    return with(builder -> builder.sequence = other);
  }

  /** The same with something else for discarded responses. */
  public GrpoSettings withDiscarded(DiscardedTurns other) {
    return with(builder -> builder.discarded = other);
  }

  /** The same with another coefficient of the policy's entropy. */
  public GrpoSettings withEntropyBonus(double other) {
    return with(builder -> builder.entropyBonus = other);
  }

  /** The same with another bound on a round's steps. */
  public GrpoSettings withEarlyStop(EarlyStop other) {
    return with(builder -> builder.earlyStop = other);
  }

  /** The same with something else for episodes that come near a limit. */
  public GrpoSettings withOverlong(OverlongShaping other) {
    return with(builder -> builder.overlong = other);
  }

  /** The same with other advantages of steps. */
  public GrpoSettings withStepCredit(StepCredit other) {
    return with(builder -> builder.stepCredit = other);
  }

  /** The same with something else for groups of equal rewards. */
  public GrpoSettings withDynamicSampling(DynamicSampling other) {
    return with(builder -> builder.dynamicSampling = other);
  }

  /** Whether a turn without an advantage has a part in the loss. */
  public boolean learnsFromSilence() {
    return kl.pulls() || entropyBonus > 0;
  }

  /** What a batch is evaluated under. */
  public PolicyObjective objective() {
    return new PolicyObjective(loss, aggregation, kl, entropyBonus);
  }
}
