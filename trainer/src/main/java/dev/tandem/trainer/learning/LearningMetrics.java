package dev.tandem.trainer.learning;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.trainer.grpo.PolicyLossResult;
import dev.tandem.trainer.grpo.PolicyMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

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
 * @param tokens response tokens learnt from: those that were a choice
 * @param skipped a sentence for every step whose gradient was not finite, and which was not taken
 * @param eachStep the optimiser steps one by one, skipped ones too
 */
public record LearningMetrics(
    double loss,
    double gradNorm,
    double clipFraction,
    double ratioMean,
    double klBehaviour,
    double klReference,
    double entropy,
    double zeroVarianceGroups,
    long tokens,
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
    private final double zeroVarianceGroups;
    private final IntConsumer progress;
    private final List<String> skipped = new ArrayList<>();
    private final List<StepMetrics> each = new ArrayList<>();
    private PolicyMetrics sum = PolicyMetrics.NONE;
    private double gradNorms;
    private int steps;
    private double entropies;
    private long tokens;

    /**
     * @param progress told the number of records that have just been learnt from
     */
    Builder(double zeroVarianceGroups, IntConsumer progress) {
      this.zeroVarianceGroups = zeroVarianceGroups;
      this.progress = progress;
    }

    Step step(StepMetrics.Plan plan, List<Lesson> lessons) {
      return new Step(this, plan, lessons);
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
          zeroVarianceGroups,
          tokens,
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
        for (boolean trained : lesson.mask()) {
          entropies += trained ? entropiesByToken[token] : 0;
          tokens += trained ? 1 : 0;
          token++;
        }
      }
      round.progress.accept(part.size());
    }

    void taken(double gradNorm) {
      round.sum = round.sum.plus(sum);
      round.gradNorms += gradNorm;
      round.entropies += entropies;
      round.tokens += tokens;
      round.steps++;
      round.each.add(
          StepMetrics.taken(plan, lessons, sum, gradNorm, entropies / Math.max(1, tokens), begun));
    }

    void skipped(String sentence) {
      round.skipped.add(sentence);
      round.each.add(StepMetrics.skipped(plan, lessons, sentence, begun));
    }
  }
}
