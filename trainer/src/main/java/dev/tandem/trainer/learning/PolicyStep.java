package dev.tandem.trainer.learning;

import dev.tandem.kernels.Kernels;
import dev.tandem.trainer.grpo.BatchTokens;
import dev.tandem.trainer.grpo.GlobalCounts;
import dev.tandem.trainer.grpo.GrpoSettings;
import dev.tandem.trainer.grpo.PolicyBatch;
import dev.tandem.trainer.grpo.PolicyLossResult;
import dev.tandem.trainer.grpo.RowSequences;
import dev.tandem.trainer.grpo.SequenceUnit;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.learn.ForwardPass;
import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.learn.TokenLoss;
import dev.tandem.trainer.model.learn.TokenScores;
import dev.tandem.trainer.model.runtime.TokenTree;
import dev.tandem.trainer.model.runtime.TrainRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The objective of one optimiser step and its gradient. Microbatches bound the memory and change
 * nothing: all denominators are the step's.
 */
final class PolicyStep {
  private final Decoder policy;
  private final ReferencePolicy reference;
  private final GrpoSettings grpo;
  private final Kernels kernels;
  private final int microbatchTokens;
  private final List<Lesson> lessons;
  private final Map<Integer, Long> tokensBySequence = new HashMap<>();
  private final GlobalCounts signal;
  private final GlobalCounts all;

  PolicyStep(
      Decoder policy,
      ReferencePolicy reference,
      GrpoSettings grpo,
      Kernels kernels,
      int microbatchTokens,
      List<Lesson> lessons) {
    this.policy = policy;
    this.reference = reference;
    this.grpo = grpo;
    this.kernels = kernels;
    this.microbatchTokens = microbatchTokens;
    this.lessons = together(lessons);
    for (Lesson lesson : lessons) {
      tokensBySequence.merge(lesson.sequence(), (long) lesson.trainedTokens(), Long::sum);
    }
    signal = counts(lessons.stream().filter(Lesson::hasSignal).toList());
    all = counts(lessons);
  }

  /** Those that begin alike in one microbatch, where they are computed alike once. */
  private static List<Lesson> together(List<Lesson> lessons) {
    List<int[]> rows = lessons.stream().map(lesson -> lesson.record().input()).toList();
    return TokenTree.walk(rows, IntStream.range(0, rows.size()).toArray())
        .mapToObj(lessons::get)
        .toList();
  }

  private GlobalCounts counts(List<Lesson> counted) {
    return new GlobalCounts(
        counted.stream().mapToLong(Lesson::trainedTokens).sum(),
        switch (grpo.sequence()) {
          case TURN -> counted.size();
          case TRAJECTORY -> counted.stream().mapToInt(Lesson::sequence).distinct().count();
        });
  }

  List<Lesson> lessons() {
    return lessons;
  }

  /** Told what is computed on the way. */
  interface Observer {
    /** A part of the objective, or all of it. */
    void evaluated(PolicyLossResult result);

    /**
     * A microbatch has been through the model.
     *
     * @param logProbs {@code [tokens]} under the present weights
     * @param entropies {@code [tokens]}
     */
    void passed(List<Lesson> part, double[] logProbs, double[] entropies);
  }

  /** Adds the gradient of the step's objective. */
  void differentiate(Gradients into, Observer observer) {
    differentiate(0, lessons.size(), into, observer);
  }

  /** Adds what the lessons from one to another contribute to that gradient. */
  void differentiate(int from, int to, Gradients into, Observer observer) {
    if (!grpo.loss().readsSequences()) {
      for (List<Lesson> part : microbatches(lessons.subList(from, to))) {
        differentiateTokens(part, into, observer);
      }
      return;
    }
    @Nullable PolicyLossResult whole = ratiosSpanMicrobatches() ? whole(observer) : null;
    int token = tokens(lessons.subList(0, from));
    for (List<Lesson> part : microbatches(lessons.subList(from, to))) {
      try (ForwardPass pass = policy.forward(records(part))) {
        double[] logProbs = pass.logProbs();
        double[] entropies = pass.entropies();
        observer.passed(part, logProbs, entropies);
        int end = token + logProbs.length;
        if (whole == null) {
          PolicyLossResult result = evaluate(part, logProbs, entropies);
          observer.evaluated(result);
          pass.backward(result.gradient(), result.entropyGradient(), into);
        } else {
          double[] spread = whole.entropyGradient();
          pass.backward(
              Arrays.copyOfRange(whole.gradient(), token, end),
              spread == null ? null : Arrays.copyOfRange(spread, token, end),
              into);
        }
        token = end;
      }
    }
  }

  /** Where a token's derivative depends on no other, the way back need not wait for the others. */
  private void differentiateTokens(List<Lesson> part, Gradients into, Observer observer) {
    PolicyBatch batch = batchOf(part, new double[tokens(part)]);
    BatchTokens tokens = new BatchTokens(batch);
    TokenScores scores =
        policy.differentiate(
            records(part),
            (chosen, logProbs, entropies) -> {
              PolicyLossResult result = evaluate(tokens.some(chosen, logProbs, entropies));
              return new TokenLoss.Derivatives(result.gradient(), result.entropyGradient());
            },
            into);
    observer.passed(part, scores.logProbs(), scores.entropies());
    observer.evaluated(
        evaluate(batch.withLogProbs(scores.logProbs()).withEntropies(scores.entropies())));
  }

  /** Whether a token's derivative depends on tokens that may be in another microbatch. */
  private boolean ratiosSpanMicrobatches() {
    return grpo.sequence() == SequenceUnit.TRAJECTORY && grpo.loss().readsSequences();
  }

  /** One more way forward tells the ratios of whole trajectories. */
  private PolicyLossResult whole(Observer observer) {
    double[] logProbs = new double[tokens(lessons)];
    double[] entropies = new double[logProbs.length];
    int token = 0;
    for (List<Lesson> part : microbatches(lessons)) {
      TokenScores scores = policy.evaluate(records(part));
      System.arraycopy(scores.logProbs(), 0, logProbs, token, scores.logProbs().length);
      System.arraycopy(scores.entropies(), 0, entropies, token, scores.entropies().length);
      token += scores.logProbs().length;
    }
    PolicyLossResult result = evaluate(lessons, logProbs, entropies);
    observer.evaluated(result);
    return result;
  }

  private PolicyLossResult evaluate(List<Lesson> part, double[] logProbs, double[] entropies) {
    return evaluate(batchOf(part, logProbs).withEntropies(entropies));
  }

  private PolicyLossResult evaluate(PolicyBatch batch) {
    return grpo.objective().evaluate(batch, signal, all, kernels);
  }

  /** Cuts a batch, in order, where the next record would not fit. */
  private List<List<Lesson>> microbatches(List<Lesson> batch) {
    List<List<Lesson>> parts = new ArrayList<>();
    int from = 0;
    long tokens = 0;
    for (int i = 0; i < batch.size(); i++) {
      TrainRecord record = batch.get(i).record();
      int length = record.prompt().length + record.response().length;
      if (i > from && tokens + length > microbatchTokens) {
        parts.add(batch.subList(from, i));
        from = i;
        tokens = 0;
      }
      tokens += length;
    }
    parts.add(batch.subList(from, batch.size()));
    return parts;
  }

  private PolicyBatch batchOf(List<Lesson> part, double[] logProbs) {
    int[] offsets = new int[part.size() + 1];
    double[] behaviour = new double[logProbs.length];
    double[] importance = new double[logProbs.length];
    boolean[] mask = new boolean[logProbs.length];
    double[] advantages = new double[part.size()];
    for (int row = 0; row < part.size(); row++) {
      Lesson lesson = part.get(row);
      int from = offsets[row];
      System.arraycopy(lesson.behaviour(), 0, behaviour, from, lesson.tokens());
      System.arraycopy(lesson.importance(), 0, importance, from, lesson.tokens());
      System.arraycopy(lesson.mask(), 0, mask, from, lesson.tokens());
      offsets[row + 1] = from + lesson.tokens();
      advantages[row] = lesson.advantage();
    }
    PolicyBatch batch =
        PolicyBatch.of(offsets, logProbs, behaviour, advantages)
            .withMask(mask)
            .withImportanceWeights(importance)
            .withSequences(sequences(part));
    return grpo.kl().pulls()
        ? batch.withReferenceLogProbs(doubles(reference.logProbs(records(part))))
        : batch;
  }

  private @Nullable RowSequences sequences(List<Lesson> part) {
    return switch (grpo.sequence()) {
      case TURN -> null;
      case TRAJECTORY ->
          new RowSequences(
              part.stream().mapToInt(Lesson::sequence).toArray(),
              part.stream()
                  .mapToLong(lesson -> tokensBySequence.getOrDefault(lesson.sequence(), 0L))
                  .toArray());
    };
  }

  private static int tokens(List<Lesson> lessons) {
    return lessons.stream().mapToInt(Lesson::tokens).sum();
  }

  private static List<TrainRecord> records(List<Lesson> lessons) {
    return lessons.stream().map(Lesson::record).toList();
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
