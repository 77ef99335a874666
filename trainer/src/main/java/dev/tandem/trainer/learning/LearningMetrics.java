package dev.tandem.trainer.learning;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.trainer.grpo.EarlyStop;
import dev.tandem.trainer.grpo.PolicyLossResult;
import dev.tandem.trainer.grpo.PolicyMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a round of learning is watched by; means over its optimiser steps, those that were skipped
 * left out.
 *
 * @param loss policy loss
 * @param gradNorm before clipping
 * @param clipFraction share of tokens whose importance ratio was out of bounds
 * @param ratioMean mean importance ratio
 * @param klBehaviour k3 estimate of KL(behaviour || policy), nats per token
 * @param klReference k3 estimate of KL(policy || initial checkpoint), nats per token
 * @param entropy of the policy, nats per token
 * @param zeroVarianceGroups share of groups without a signal
 * @param groups how many groups there were
 * @param filteredGroups how many had no signal, so that their gradient was left out
 * @param overlong episodes that were penalised or excluded for their length
 * @param stepCredit share of the turns with an advantage of their own, over others that began in
 *     the same state; null where the recipe gives steps none
 * @param samplerGapMean mean of |log-probability by the sampler - by the trainer| under the same
 *     weights, over the round's own tokens of the first step; null where the trainer's are not
 *     known
 * @param samplerGapMax the largest of them
 * @param tokens response tokens learnt from: those that were a choice
 * @param steps optimiser steps taken
 * @param plannedSteps those there was something to learn from for
 * @param stopped why the remaining steps were left out; null where none were
 * @param skipped a sentence for every step whose gradient was not finite, and which was not taken
 * @param eachStep the optimiser steps one by one, skipped ones too
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LearningMetrics(
    double loss,
    double gradNorm,
    double clipFraction,
    double ratioMean,
    double klBehaviour,
    double klReference,
    double entropy,
    double zeroVarianceGroups,
    int groups,
    int filteredGroups,
    int overlong,
    @Nullable Double stepCredit,
    @Nullable Double samplerGapMean,
    @Nullable Double samplerGapMax,
    long tokens,
    int steps,
    int plannedSteps,
    @Nullable String stopped,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> skipped,
    @JsonIgnore List<StepMetrics> eachStep) {
  /** Copies the lists. */
  public LearningMetrics {
    skipped = List.copyOf(skipped);
    eachStep = List.copyOf(eachStep);
  }

  /** What the optimiser steps took, the skipped ones too. */
  public double seconds() {
    return eachStep.stream().mapToDouble(StepMetrics::seconds).sum();
  }

  /** Gathers steps. */
  static final class Builder {
    private final Lessons lessons;
    private final IntConsumer progress;
    private final List<String> skipped = new ArrayList<>();
    private final List<StepMetrics> each = new ArrayList<>();
    private PolicyMetrics sum = PolicyMetrics.NONE;
    private double gradNorms;
    private int steps;
    private double entropies;
    private long tokens;
    private int plannedSteps;
    private @Nullable String stopped;
    private double gaps;
    private double largestGap;
    private long gapTokens;

    /**
     * @param progress told the number of records that have just been learnt from
     */
    Builder(Lessons lessons, IntConsumer progress) {
      this.lessons = lessons;
      this.progress = progress;
    }

    /** Counts a step that is planned; whether it is to be looked at. */
    boolean goesOn() {
      plannedSteps++;
      return stopped == null;
    }

    Step step(StepMetrics.Plan plan, List<Lesson> batch) {
      return new Step(this, plan, batch);
    }

    LearningMetrics build(double klReference) {
      double perStep = 1.0 / Math.max(1, steps);
      return new LearningMetrics(
          sum.policyLoss() * perStep,
          gradNorms * perStep,
          sum.clipFraction() * perStep,
          sum.meanRatio() * perStep,
          sum.approximateKl() * perStep,
          klReference,
          entropies / Math.max(1, tokens),
          (double) lessons.filteredGroups() / Math.max(1, lessons.groups()),
          lessons.groups(),
          lessons.filteredGroups(),
          lessons.overlong(),
          lessons.stepCredit(),
          gapTokens == 0 ? null : gaps / gapTokens,
          gapTokens == 0 ? null : largestGap,
          tokens,
          steps,
          plannedSteps,
          stopped,
          skipped,
          each);
    }
  }

  /** Gathers the microbatches of a step, which counts once it is taken. */
  static final class Step implements PolicyStep.Observer {
    private final Builder round;
    private final StepMetrics.Plan plan;
    private final List<Lesson> lessons;
    private final long begun = System.nanoTime();
    private PolicyMetrics sum = PolicyMetrics.NONE;
    private double entropies;
    private long tokens;
    private double gaps;
    private double largestGap;
    private long gapTokens;

    private Step(Builder round, StepMetrics.Plan plan, List<Lesson> lessons) {
      this.round = round;
      this.plan = plan;
      this.lessons = lessons;
    }

    @Override
    public void evaluated(PolicyLossResult result) {
      sum = sum.plus(result.metrics());
    }

    @Override
    public void passed(List<Lesson> part, double[] logProbs, double[] entropiesByToken) {
      int token = 0;
      for (Lesson lesson : part) {
        for (int i = 0; i < lesson.tokens(); i++, token++) {
          if (lesson.mask()[i]) {
            entropies += entropiesByToken[token];
            tokens++;
            if (lesson.sampled() != null) {
              double gap = lesson.gap(i, logProbs[token]);
              gaps += gap;
              largestGap = Math.max(largestGap, gap);
              gapTokens++;
            }
          }
        }
      }
      round.progress.accept(part.size());
    }

    void taken(double gradNorm) {
      if (round.steps == 0) {
        round.gaps = gaps;
        round.largestGap = largestGap;
        round.gapTokens = gapTokens;
      }
      round.sum = round.sum.plus(sum);
      round.gradNorms += gradNorm;
      round.entropies += entropies;
      round.tokens += tokens;
      round.steps++;
      round.each.add(
          StepMetrics.taken(plan, lessons, sum, gradNorm, entropies / Math.max(1, tokens), begun));
    }

    /** Why this step is not to be taken. A round's first is: what is stale is not its doing. */
    Optional<String> reason(EarlyStop bounds) {
      return round.steps == 0 ? Optional.empty() : bounds.reason(sum);
    }

    void stopped(String sentence) {
      round.stopped = sentence;
      round.each.add(
          StepMetrics.stopped(
              plan, lessons, sum, entropies / Math.max(1, tokens), sentence, begun));
    }

    void skipped(String sentence) {
      round.skipped.add(sentence);
      round.each.add(StepMetrics.skipped(plan, lessons, sentence, begun));
    }
  }
}
