package dev.tandem.trainer.grpo;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whether a step has an advantage of its own beside its episode's. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = StepCredit.Off.class, name = "off"),
  @JsonSubTypes.Type(value = StepCredit.Anchors.class, name = "anchors")
})
public sealed interface StepCredit {
  /** Every step has its episode's advantage. */
  record Off() implements StepCredit {}

  /**
   * Steps of a group that began in the same state are compared by what came after them (GiGPO,
   * arXiv 2505.10978): {@code A = A_episode + weight * A_step}, where {@code A_step} is the
   * return-to-go, discounted by step, normalised among the steps of that state as rewards are
   * within their group. A state that only one step began in gives 0.
   *
   * @param weight of the step's advantage, above 0
   * @param discount by step, above 0 and at most 1
   */
  record Anchors(@JsonProperty("weight") double weight, @JsonProperty("discount") double discount)
      implements StepCredit {
    /** The published setting. */
    public static final Anchors DEFAULTS = new Anchors(1, 0.95);

    /** Checks the ranges. */
    public Anchors {
      if (!(weight > 0 && Double.isFinite(weight))) {
        throw new IllegalArgumentException("step weight must be finite and above 0, was " + weight);
      }
      if (!(discount > 0 && discount <= 1)) {
        throw new IllegalArgumentException(
            "step discount must be above 0 and at most 1, was " + discount);
      }
    }

    @JsonCreator
    static Anchors of(
        @JsonProperty("weight") @Nullable Double weight,
        @JsonProperty("discount") @Nullable Double discount) {
      return new Anchors(
          Objects.requireNonNullElse(weight, DEFAULTS.weight),
          Objects.requireNonNullElse(discount, DEFAULTS.discount));
    }
  }
}
