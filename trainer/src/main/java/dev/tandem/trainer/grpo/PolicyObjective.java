package dev.tandem.trainer.grpo;

import dev.tandem.kernels.Kernels;
import java.util.Arrays;

/**
 * The objective of Eq. 4: an aggregated policy loss plus a KL penalty, less an entropy bonus.
 *
 * @param loss the loss of a token
 * @param aggregation how tokens are averaged
 * @param kl the pull towards the reference
 * @param entropyBonus coefficient of the mean entropy, which the loss is lowered by
 */
public record PolicyObjective(
    PolicyLoss loss, Aggregation aggregation, ReferencePull kl, double entropyBonus) {
  /** Without an entropy bonus. */
  public PolicyObjective(PolicyLoss loss, Aggregation aggregation, ReferencePull kl) {
    this(loss, aggregation, kl, 0);
  }

  /** The same with one pair of counts for the policy loss and for the KL penalty. */
  public PolicyLossResult evaluate(PolicyBatch batch, GlobalCounts counts, Kernels kernels) {
    return evaluate(batch, counts, counts, kernels);
  }

  /**
   * Evaluates a batch, or a microbatch of whole rows; GSPO needs whole sequences.
   *
   * <p>The policy loss, and the KL penalty and the entropy bonus, are averaged over the tokens that
   * they are about, so that the pull of an advantage is the same whether or not there is a penalty.
   *
   * @param policy the counts, over the whole batch, that the policy loss is averaged over
   * @param penalty those that penalty, bonus and metrics are averaged over: of every row
   * @throws IllegalArgumentException if the counts do not cover the batch, if a KL penalty finds no
   *     reference, or an entropy bonus no entropies
   */
  public PolicyLossResult evaluate(
      PolicyBatch batch, GlobalCounts policy, GlobalCounts penalty, Kernels kernels) {
    penalty.requireCover(GlobalCounts.of(batch));
    policy.requireCover(GlobalCounts.ofSignal(batch));
    if (kl.estimator() != ReferencePull.Estimator.OFF && batch.referenceLogProbs() == null) {
      throw new IllegalArgumentException(
          "KL estimator %s needs the batch to carry referenceLogProbs".formatted(kl.estimator()));
    }
    double[] weights = aggregation.tokenWeights(batch, penalty);
    PolicyBatch scaled = scaled(batch, policy, penalty);
    PolicyLossResult result =
        switch (loss) {
          case PolicyLoss.Clipped clipped ->
              ClippedObjective.evaluate(scaled, clipped, weights, kl, penalty, kernels);
          case PolicyLoss.Gspo gspo ->
              evaluate(scaled, TokenTerms.gspo(scaled, gspo.bounds(), kernels), weights, penalty);
          case PolicyLoss.Cispo cispo ->
              evaluate(scaled, TokenTerms.cispo(scaled, cispo.bounds()), weights, penalty);
        };
    return entropyBonus == 0 ? result : withBonus(result, batch, weights);
  }

  /** Entropies are averaged as the penalty is. */
  private PolicyLossResult withBonus(PolicyLossResult result, PolicyBatch batch, double[] weights) {
    double[] entropies = batch.entropies();
    if (entropies == null) {
      throw new IllegalArgumentException(
          "an entropy bonus of %s needs the batch to carry entropies".formatted(entropyBonus));
    }
    return new PolicyLossResult(
        result.loss() - entropyBonus * Reductions.weightedSum(entropies, weights),
        result.gradient(),
        Arrays.stream(weights).map(weight -> weight == 0 ? 0 : -entropyBonus * weight).toArray(),
        result.metrics());
  }

  /** Importance weights act on the policy loss alone: they carry over to its own denominator. */
  private PolicyBatch scaled(PolicyBatch batch, GlobalCounts policy, GlobalCounts penalty) {
    long own = aggregation.denominator(policy);
    long common = aggregation.denominator(penalty);
    if (own == common || own == 0) {
      return batch;
    }
    double scale = (double) common / own;
    double[] importance = batch.importanceWeights();
    double[] weights = new double[batch.tokens()];
    for (int token = 0; token < weights.length; token++) {
      weights[token] = importance == null ? scale : scale * importance[token];
    }
    return batch.withImportanceWeights(weights);
  }

  private PolicyLossResult evaluate(
      PolicyBatch batch, PolicyLossTerms terms, double[] weights, GlobalCounts counts) {
    double[] policyWeights = corrected(weights, batch);
    double policyLoss = Reductions.weightedSum(terms.losses(), policyWeights);
    double[] gradient = new double[batch.tokens()];
    for (int token = 0; token < gradient.length; token++) {
      gradient[token] =
          policyWeights[token] == 0 ? 0 : policyWeights[token] * terms.derivatives()[token];
    }
    boolean[] trained = batch.trained();
    double tokens = Math.max(1, counts.tokens());
    double[] referenceKl = referenceKl(batch);
    double penalty = Reductions.weightedSum(referenceKl, weights);
    addPenalty(gradient, batch, weights);
    return new PolicyLossResult(
        policyLoss + kl.coefficient() * penalty,
        gradient,
        new PolicyMetrics(
            policyLoss,
            Reductions.maskedSum(terms.ratios(), trained) / tokens,
            terms.clippedTokens() / tokens,
            Reductions.maskedSum(
                    estimates(
                        ReferencePull.Estimator.K3, batch.behaviourLogProbs(), batch.logProbs()),
                    trained)
                / tokens,
            Reductions.maskedSum(referenceKl, trained) / tokens,
            Reductions.clippedLow(batch, terms.ratios(), loss) / tokens));
  }

  /** The weights of the policy loss: {@code [tokens]}. */
  private double[] corrected(double[] weights, PolicyBatch batch) {
    double[] importance = batch.importanceWeights();
    if (importance == null) {
      return weights;
    }
    double[] corrected = new double[weights.length];
    boolean[] trained = batch.trained();
    Grouping bySequence = batch.rowsBySequence();
    double[] ofSequences = Reductions.sequenceMeans(importance, batch, bySequence);
    for (int row = 0; row < batch.rows(); row++) {
      double ofSequence = ofSequences[bySequence.groupOfMember()[row]];
      for (int token = batch.rowStart(row); token < batch.rowEnd(row); token++) {
        double correction =
            switch (loss) {
              case PolicyLoss.Clipped _, PolicyLoss.Cispo _ -> importance[token];
              case PolicyLoss.Gspo _ -> ofSequence;
            };
        corrected[token] = trained[token] ? weights[token] * correction : 0;
      }
    }
    return corrected;
  }

  /** The estimate of every token: {@code [tokens]}; 0 without a reference. */
  private double[] referenceKl(PolicyBatch batch) {
    double[] reference = batch.referenceLogProbs();
    if (reference == null) {
      return new double[batch.tokens()];
    }
    ReferencePull.Estimator estimator =
        kl.estimator() == ReferencePull.Estimator.OFF ? ReferencePull.Estimator.K3 : kl.estimator();
    return estimates(estimator, batch.logProbs(), reference);
  }

  private static double[] estimates(ReferencePull.Estimator estimator, double[] of, double[] from) {
    double[] values = new double[of.length];
    for (int token = 0; token < values.length; token++) {
      values[token] = estimator.value(of[token] - from[token]);
    }
    return values;
  }

  private void addPenalty(double[] gradient, PolicyBatch batch, double[] weights) {
    double[] reference = batch.referenceLogProbs();
    if (reference == null || kl.estimator() == ReferencePull.Estimator.OFF) {
      return;
    }
    for (int token = 0; token < gradient.length; token++) {
      if (weights[token] != 0) {
        double derivative = kl.estimator().derivative(batch.logProbs()[token] - reference[token]);
        gradient[token] += kl.coefficient() * weights[token] * derivative;
      }
    }
  }
}
